using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms;

namespace PersonalizationApi;

/// <summary>Learns and predicts with ML.NET: it turns the rows of requests into an adapted model and predictions.</summary>
/// <remarks>An <see cref="MLContext"/> remembers every component ever created in it, so each operation uses its own context.</remarks>
internal sealed class UserTasks(Learner learner)
{
    /// <summary>
    /// Learns and predicts an artificial task, so that a learner that does not run is detected at the start and not at every request.
    /// </summary>
    /// <exception cref="InvalidDataException">The learner does not run.</exception>
    public void TryLearner()
    {
        try
        {
            string[] labels = [.. learner.Classes.Count > 0 ? learner.Classes : ["a", "b"]];
            SupportRow[] rows = [.. Enumerable.Range(0, 2).Select(i => new SupportRow(
                [.. Enumerable.Repeat((float)i, learner.FeatureCount)], labels[i % labels.Length], new float[learner.OutputCount ?? 0]))];
            using var model = Fit(rows, steps: 1);
            Predict(model, [.. rows.Select(row => row.Features)]);
        }
        catch (Exception exception)
        {
            throw new InvalidDataException(
                $"The learner does not run: {exception.Message} Copy its file again, or write it anew.", exception);
        }
    }

    /// <exception cref="ApiException">The rows cannot be learned from.</exception>
    public FewShotPredictionTransformer Learn(SupportRow[] rows)
    {
        try
        {
            return Fit(rows);
        }
        catch (
            InvalidOperationException exception) when (exception
                .InnerException is null) // One inside is a failure of the service, not of the rows.
        {
            throw ApiException.Invalid(
                "Adaptation to the rows diverged: give features and targets in the units of the meta-training.", exception);
        }
    }

    /// <summary>Scores all rows. The predictions are created from the scores one by one, on demand.</summary>
    /// <exception cref="ApiException">A score is not finite.</exception>
    public IEnumerable<Prediction> Predict(FewShotPredictionTransformer model, float[][] rows)
    {
        var scored = model.Transform(View(new MLContext(), rows.Select(row => new QueryRow { Features = row })));
        using var cursor = scored.GetRowCursor(scored.Schema.Where(column => column.Name is "Score" or "PredictedLabel"));
        var readScores = Scores(cursor, scored.Schema["Score"]);
        var classes = model.Classes;
        var readLabel = classes.Count > 0 ? cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]) : null;
        var results = new (uint Key, float[] Scores)[rows.Length];
        foreach (ref var result in results.AsSpan())
        {
            cursor.MoveNext();
            result.Scores = readScores();
            readLabel?.Invoke(ref result.Key);
            if (!Array.TrueForAll(result.Scores, float.IsFinite))
            {
                throw ApiException.Invalid("The model gives no finite scores for a row: give features in the units of the support rows.");
            }
        }
        return results.Select(result => readLabel is null
            ? new Prediction(null, null, result.Scores)
            : new Prediction(classes[(int)result.Key - 1], classes.Zip(result.Scores).ToDictionary(), null));
    }

    private FewShotPredictionTransformer Fit(SupportRow[] rows, int? steps = null)
    {
        var ml = new MLContext();
        var trainer = ml.MetaLearning().FewShot(learner, new FewShotTrainer.Options { Steps = steps });
        if (learner.Task == MetaTask.Regression)
        {
            return trainer.Fit(
                View(ml, rows.Select(row => new TargetRow { Features = row.Features, Label = row.Targets! }), learner.OutputCount));
        }

        var labelled = View(ml, rows.Select(row => new LabelledRow { Features = row.Features, Label = row.Label! }));
        return ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer).Fit(labelled).LastTransformer;
    }

    private static Func<float[]> Scores(DataViewRow cursor, DataViewSchema.Column score)
    {
        if (score.Type is not VectorDataViewType)
        {
            var read = cursor.GetGetter<float>(score);
            return () =>
            {
                var value = 0f;
                read(ref value);
                return [value];
            };
        }
        var readVector = cursor.GetGetter<VBuffer<float>>(score);
        VBuffer<float> buffer = default;
        return () =>
        {
            readVector(ref buffer);
            return [.. buffer.DenseValues()];
        };
    }

    /// <summary>Rows in ML.NET's form. The learner determines the length of their vectors.</summary>
    private IDataView View<T>(MLContext ml, IEnumerable<T> rows, int? targets = null) where T : class
    {
        var schema = SchemaDefinition.Create(typeof(T));
        schema[nameof(QueryRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, learner.FeatureCount);
        if (targets is { } count)
        {
            schema[nameof(TargetRow.Label)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, count);
        }

        return ml.Data.LoadFromEnumerable(rows, schema);
    }

    private sealed class QueryRow
    {
        public float[] Features { get; set; } = [];
    }

    private sealed class LabelledRow
    {
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }

    private sealed class TargetRow
    {
        public float[] Features { get; set; } = [];

        public float[] Label { get; set; } = [];
    }
}
