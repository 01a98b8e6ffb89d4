using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>Scales features to [0, 1] over the range that an encoding covers.</summary>
internal static class FeatureRange
{
    /// <exception cref="InvalidOperationException">A row is outside the range that the encoding was given.</exception>
    public static Standardization Of(
        TaskData data, string column, double? minimum, double? maximum, CancellationToken cancellation = default)
    {
        var (low, scale) = (new float[data.FeatureCount], new float[data.FeatureCount]);
        for (var slot = 0; slot < data.FeatureCount; slot++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (smallest, largest) = (float.PositiveInfinity, float.NegativeInfinity);
            for (var row = 0; row < data.Rows; row++)
            {
                var value = data.FeaturesOf(row)[slot];
                if (value < minimum || value > maximum)
                {
                    throw TrainerThrow.OutsideEncoding(column, row + 1, slot, value, minimum, maximum);
                }

                (smallest, largest) = (Math.Min(smallest, value), Math.Max(largest, value));
            }

            low[slot] = (float)(minimum ?? smallest);
            var width = (float)((maximum ?? largest) - (minimum ?? smallest));
            // A feature that never varies keeps scale 1.
            scale[slot] = width > 0 ? width : 1;
        }

        return new Standardization(low, scale);
    }
}
