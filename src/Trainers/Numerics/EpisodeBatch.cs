using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Numerics;

/// <summary>Support and query rows of T tasks, task axis first; owner of its tensors. Tasks of different sizes are padded with rows of weight 0.</summary>
internal sealed class EpisodeBatch(Rows<Tensor> support, Rows<Tensor> query) : IDisposable
{
    /// <summary>The rows to learn from: features <c>[tasks, support, features]</c>, targets <c>[tasks, support, outputs]</c>, weights <c>[tasks, support, 1]</c>.</summary>
    public Rows<Tensor> Support { get; } = Own(support);

    /// <summary>The rows to be evaluated on, shaped likewise.</summary>
    public Rows<Tensor> Query { get; } = Own(query);

    /// <summary>Number of tasks T.</summary>
    public int Tasks => (int)Support.Features.shape[0];

    /// <summary>Number, in the whole meta-batch, of the first task of this slice: so that an error can name a task.</summary>
    public int FirstTask { get; private init; }

    /// <summary>The tasks from <paramref name="start"/> on, as views on the same memory.</summary>
    public EpisodeBatch Slice(int start, int count)
    {
        using var scope = NewDisposeScope();
        return new EpisodeBatch(Narrow(Support), Narrow(Query)) { FirstTask = FirstTask + start };

        Rows<Tensor> Narrow(Rows<Tensor> rows) => new(
            rows.Features.narrow(0, start, count), rows.Targets.narrow(0, start, count), rows.Weights.narrow(0, start, count));
    }

    public EpisodeBatch To(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        return new EpisodeBatch(Convert(Support), Convert(Query));

        Rows<Tensor> Convert(Rows<Tensor> rows) => new(
            rows.Features.to(dtype, copy: true), rows.Targets.to(dtype, copy: true), rows.Weights.to(dtype, copy: true));
    }

    public void Dispose()
    {
        Dispose(Support);
        Dispose(Query);
    }

    private static Rows<Tensor> Own(Rows<Tensor> rows) => new(
        rows.Features.DetachFromDisposeScope(), rows.Targets.DetachFromDisposeScope(), rows.Weights.DetachFromDisposeScope());

    private static void Dispose(Rows<Tensor> rows)
    {
        rows.Features.Dispose();
        rows.Targets.Dispose();
        rows.Weights.Dispose();
    }
}
