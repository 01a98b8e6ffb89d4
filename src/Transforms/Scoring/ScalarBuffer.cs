using Microsoft.ML;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>Values other than vectors.</summary>
internal sealed class ScalarBuffer<T>(ValueGetter<T> source) : IColumnBuffer
{
    private T[] _values = [];

    public void Resize(int capacity) => _values = new T[capacity];

    public void Store(int row)
    {
        // Not the old value: a source may recycle what it finds (images are disposed), and a reader may still hold it.
        T value = default!;
        source(ref value);
        _values[row] = value;
    }

    public Delegate CreateGetter(Func<int> current) => new ValueGetter<T>((ref T value) => value = _values[current()]);
}
