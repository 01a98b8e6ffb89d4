namespace PersonalizationApi;

/// <summary>A labelled row: a label for a classification learner, targets for a regression learner.</summary>
internal sealed record SupportRow(float[] Features, string? Label = null, float[]? Targets = null);

/// <summary>Body of POST /users/{user}/learn: all rows of the user's task. They replace the rows of an earlier request.</summary>
internal sealed record LearnRequest(SupportRow[] Rows);

/// <summary>The answer to a learn request.</summary>
internal sealed record LearnResponse(string User, int Rows, IReadOnlyList<string> Classes, double Milliseconds);

/// <summary>Body of POST /users/{user}/predict.</summary>
internal sealed record PredictRequest(float[][] Rows);

/// <summary>One prediction: the most likely class and the probability of each class, or the predicted values.</summary>
internal sealed record Prediction(string? Label, IReadOnlyDictionary<string, float>? Scores, float[]? Values);

/// <summary>Predictions in the order of the rows. They are created one by one while they are sent.</summary>
internal sealed record PredictResponse(string User, IEnumerable<Prediction> Predictions);

/// <summary>The expected body of an endpoint, shown when a request has a different one.</summary>
internal sealed record BodyForm(string Example);
