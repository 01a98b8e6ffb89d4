using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>Vectors: readers get copies, so the buffers of the previous batch are filled again.</summary>
internal sealed class VectorBuffer<T>(ValueGetter<VBuffer<T>> source) : IColumnBuffer
{
    private VBuffer<T>[] _values = [];

    public void Resize(int capacity) => _values = new VBuffer<T>[capacity];

    public void Store(int row) => source(ref _values[row]);

    public Delegate CreateGetter(Func<int> current) =>
        new ValueGetter<VBuffer<T>>((ref VBuffer<T> value) => _values[current()].CopyTo(ref value));
}
