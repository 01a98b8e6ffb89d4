using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>Getters of the model's own columns.</summary>
internal static class ScoreGetters
{
    /// <returns>A <see cref="ValueGetter{TValue}"/> of the column's type.</returns>
    public static Delegate Create(ScoreLayout layout, DataViewSchema.Column column, IScored row)
    {
        if (column.Name == ScoreLayout.PredictedLabel)
        {
            return new ValueGetter<uint>((ref uint label) => label = layout.Predict(row.Scores));
        }

        if (layout.IsScalar)
        {
            return new ValueGetter<float>((ref float score) => score = row.Scores[0]);
        }

        return new ValueGetter<VBuffer<float>>((ref VBuffer<float> score) => layout.Expand(row.Scores, ref score));
    }
}
