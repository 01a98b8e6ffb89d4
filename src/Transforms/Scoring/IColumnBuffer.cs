using Microsoft.ML;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>
/// Keeps one source column of the rows of a batch: the source's cursor has moved on by the time the batch is scored and its rows are read.
/// </summary>
internal interface IColumnBuffer
{
    /// <summary>Makes room for <paramref name="capacity"/> rows; what was kept is lost.</summary>
    void Resize(int capacity);

    /// <summary>Keeps the source's current value as that of row <paramref name="row"/> of the batch.</summary>
    void Store(int row);

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the row that <paramref name="current"/> names.</summary>
    Delegate CreateGetter(Func<int> current);
}
