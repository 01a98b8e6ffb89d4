using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>Getters of the model's own columns.</summary>
internal static class ScoreGetters
{
    /// <returns>A <see cref="ValueGetter{TValue}"/> of the column's type.</returns>
    public static Delegate Create(ScoreLayout layout, DataViewSchema.Column column, IScored row)
    {
        if (layout.IsBinary)
        {
            return column.Name switch
            {
                ScoreLayout.PredictedLabel => new ValueGetter<bool>((ref bool label) => label = row.Scores[1] > row.Scores[0]),
                ScoreLayout.Probability => new ValueGetter<float>((ref float probability) => probability = row.Scores[1]),
                _ => new ValueGetter<float>((ref float score) => score = ScoreLayout.LogOdds(row.Scores)),
            };
        }

        if (column.Name == ScoreLayout.PredictedLabel)
        {
            return new ValueGetter<uint>((ref uint label) => label = layout.Predict(row.Scores));
        }

        if (column.Name is ScoreLayout.LowerBound or ScoreLayout.UpperBound)
        {
            var sign = column.Name == ScoreLayout.LowerBound ? -1f : 1f;
            return layout.IsScalar
                ? new ValueGetter<float>((ref float bound) => bound = row.Scores[0] + (sign * row.HalfWidths[0]))
                : new ValueGetter<VBuffer<float>>((ref VBuffer<float> bounds) => Bounds(row, sign, ref bounds));
        }

        if (layout.IsScalar)
        {
            return new ValueGetter<float>((ref float score) => score = row.Scores[0]);
        }

        return new ValueGetter<VBuffer<float>>((ref VBuffer<float> score) => layout.Expand(row.Scores, ref score));
    }

    private static void Bounds(IScored row, float sign, ref VBuffer<float> bounds)
    {
        var scores = row.Scores;
        var halfWidths = row.HalfWidths;
        var editor = VBufferEditor.Create(ref bounds, scores.Length);
        for (var output = 0; output < scores.Length; output++)
        {
            editor.Values[output] = scores[output] + (sign * halfWidths[output]);
        }

        bounds = editor.Commit();
    }
}
