namespace MLNetMeta.Transforms.Learners;

/// <summary>The labelled rows of a new task as a learner takes them.</summary>
/// <param name="Rows">Number of rows; 0 for none, with one row in the arrays all the same, of which nothing is learned.</param>
/// <param name="Features">Row-major <c>[support, features]</c>.</param>
/// <param name="Classes">Classification: class indices <c>[support]</c>, 0-based; otherwise null.</param>
/// <param name="Targets">Regression: row-major <c>[support, outputs]</c>; otherwise null.</param>
/// <param name="Weights">Weights <c>[support]</c>, above 0; null where all rows weigh the same.</param>
internal sealed record SupportSet(int Rows, float[] Features, long[]? Classes, float[]? Targets, float[]? Weights = null)
{
    /// <summary>Some of the rows, in the order given.</summary>
    public SupportSet Take(ReadOnlySpan<int> rows)
    {
        var (features, targets) = (Features.Length / Rows, (Targets?.Length ?? 0) / Rows);
        return new SupportSet(
            rows.Length, Of(Features, features, rows), Classes is null ? null : Of(Classes, 1, rows),
            Targets is null ? null : Of(Targets, targets, rows), Weights is null ? null : Of(Weights, 1, rows));

        static T[] Of<T>(T[] values, int width, ReadOnlySpan<int> rows)
        {
            var taken = new T[rows.Length * width];
            for (var i = 0; i < rows.Length; i++)
            {
                values.AsSpan(rows[i] * width, width).CopyTo(taken.AsSpan(i * width));
            }

            return taken;
        }
    }
}
