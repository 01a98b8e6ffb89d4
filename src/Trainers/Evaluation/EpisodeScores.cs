namespace MLNetMeta.Trainers.Evaluation;

/// <summary>What was predicted of an episode's query rows.</summary>
/// <param name="Scores"><c>[query, classes or outputs]</c>, row-major.</param>
/// <param name="HalfWidths">Regression: half-widths of the prediction intervals, of the same shape; null where there are none.</param>
internal sealed record EpisodeScores(float[] Scores, float[]? HalfWidths = null);
