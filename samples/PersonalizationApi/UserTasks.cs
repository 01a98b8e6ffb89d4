using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms;

namespace PersonalizationApi;

/// <summary>Learns and predicts with ML.NET: rows of requests in, an adapted model and its predictions out.</summary>
internal sealed class UserTasks(MLContext ml, Learner learner)
{
    /// <exception cref="ApiException">The rows cannot be learned from.</exception>
    public FewShotPredictionTransformer Learn(SupportRow[] rows)
    {
        try
        {
            var trainer = ml.MetaLearning().FewShot(learner);
            if (learner.Task == MetaTask.Regression)
            {
                return trainer.Fit(View(
                    rows.Select(row => new TargetRow { Features = row.Features, Label = row.Targets! }), learner.OutputCount));
            }
            var labelled = View(rows.Select(row => new LabelledRow { Features = row.Features, Label = row.Label! }));
            return ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer).Fit(labelled).LastTransformer;
        }
        catch (InvalidOperationException exception)
        {
            throw ApiException.Invalid(exception.Message, exception);
        }
    }

    public Prediction[] Predict(FewShotPredictionTransformer model, float[][] rows)
    {
        var scored = model.Transform(View(rows.Select(row => new QueryRow { Features = row })));
        var score = scored.Schema["Score"];
        using var cursor = scored.GetRowCursor(scored.Schema.Where(column => column.Name is "Score" or "PredictedLabel"));
        var readScores = Scores(cursor, score);
        var readLabel = model.Classes.Count > 0 ? cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]) : null;
        var predictions = new Prediction[rows.Length];
        foreach (ref var prediction in predictions.AsSpan())
        {
            cursor.MoveNext();
            var values = readScores();
            uint key = 0;
            readLabel?.Invoke(ref key);
            if (!Array.TrueForAll(values, float.IsFinite))
                throw ApiException.Invalid("The model gives no finite scores for a row: give features in the units of the support rows.");
            prediction = readLabel is null
                ? new Prediction(null, null, values)
                : new Prediction(model.Classes[(int)key - 1], model.Classes.Zip(values).ToDictionary(), null);
        }
        return predictions;
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

    /// <summary>Rows as ML.NET takes them; the learner says how long their vectors are.</summary>
    private IDataView View<T>(IEnumerable<T> rows, int? targets = null) where T : class
    {
        var schema = SchemaDefinition.Create(typeof(T));
        schema[nameof(QueryRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, learner.FeatureCount);
        if (targets is { } count)
            schema[nameof(TargetRow.Label)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, count);
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
