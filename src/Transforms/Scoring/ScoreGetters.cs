using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms;

/// <summary>The learner's outputs for the row at hand.</summary>
internal delegate ReadOnlySpan<float> CurrentScores();

/// <summary>Getters of the model's own columns.</summary>
internal static class ScoreGetters
{
    /// <returns>A <see cref="ValueGetter{TValue}"/> of the column's type.</returns>
    public static Delegate Create(ScoreLayout layout, DataViewSchema.Column column, CurrentScores current)
    {
        if (column.Name == ScoreLayout.PredictedLabel)
            return new ValueGetter<uint>((ref uint label) => label = layout.Predict(current()));
        if (layout.IsScalar)
            return new ValueGetter<float>((ref float score) => score = current()[0]);
        return new ValueGetter<VBuffer<float>>((ref VBuffer<float> score) => layout.Expand(current(), ref score));
    }
}
