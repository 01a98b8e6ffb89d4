using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Tasks;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Torch;

/// <summary>
/// Support and query rows of T tasks, task axis first; owner of its tensors. Tasks of different sizes are padded with rows of weight 0.
/// </summary>
/// <remarks>
/// With mini-batches the rows of a step are a function of the step: the first ones, the next ones, and so on, then from the start again. So
/// a phase stays deterministic, and phases that are compared see the same rows at the same step.
/// </remarks>
internal sealed class EpisodeBatch : IDisposable
{
    private readonly int? _rowsPerStep;
    private readonly Rows<Tensor>[] _supportSteps;
    private readonly Rows<Tensor>[] _querySteps;

    /// <param name="support">Support rows; owned from now on.</param>
    /// <param name="query">Query rows; owned from now on.</param>
    /// <param name="rowsPerStep">
    /// Most rows of a mini-batch, at least 1, of each kind; null (default) where every step sees all rows.
    /// </param>
    public EpisodeBatch(Rows<Tensor> support, Rows<Tensor> query, int? rowsPerStep = null)
    {
        (Support, Query, _rowsPerStep) = (Own(support), Own(query), rowsPerStep);
        (_supportSteps, _querySteps) = (Steps(Support), Steps(Query));

        Rows<Tensor>[] Steps(Rows<Tensor> rows) =>
            rowsPerStep is { } most && rows.Features.shape[1] > most ? MiniBatches(rows, most) : [rows];
    }

    /// <summary>
    /// The rows to learn from: features <c>[tasks, support, features]</c>, targets <c>[tasks, support, outputs]</c>, weights <c>[tasks,
    /// support, 1]</c>.
    /// </summary>
    public Rows<Tensor> Support { get; }

    /// <summary>The rows to be evaluated on, shaped likewise.</summary>
    public Rows<Tensor> Query { get; }

    /// <summary>A copy of the query rows in managed memory.</summary>
    public Rows<HostTensor> QueryOnHost() => new(Query.Features.ToHost(), Query.Targets.ToHost(), Query.Weights.ToHost());

    /// <summary>Whether steps differ in the rows that they see.</summary>
    public bool HasMiniBatches => _supportSteps.Length > 1 || _querySteps.Length > 1;

    /// <summary>Number of tasks T.</summary>
    public int Tasks => (int)Support.Features.shape[0];

    /// <summary>Number, in the whole meta-batch, of the first task of this slice: so that an error can name a task.</summary>
    public int FirstTask { get; init; }

    /// <summary>A copy of rows in managed memory.</summary>
    public static EpisodeBatch Of(EpisodeRows rows, Device? device = null)
    {
        using var scope = NewDisposeScope();
        return new EpisodeBatch(Copy(rows.Support), Copy(rows.Query)) { FirstTask = rows.FirstTask };

        Rows<Tensor> Copy(Rows<HostTensor> from) => new(On(from.Features), On(from.Targets), On(from.Weights));

        Tensor On(HostTensor from) => tensor(from.Values, from.Shape, device: device);
    }

    /// <summary>The tasks from <paramref name="start"/> on, as views on the same memory.</summary>
    public EpisodeBatch Slice(int start, int count)
    {
        using var scope = NewDisposeScope();
        return new EpisodeBatch(Narrow(Support), Narrow(Query), _rowsPerStep) { FirstTask = FirstTask + start };

        Rows<Tensor> Narrow(Rows<Tensor> rows) => new(
            rows.Features.narrow(0, start, count), rows.Targets.narrow(0, start, count), rows.Weights.narrow(0, start, count));
    }

    /// <summary>The support and query rows of a step.</summary>
    public (Rows<Tensor> Support, Rows<Tensor> Query) At(int step) =>
        (_supportSteps[step % _supportSteps.Length], _querySteps[step % _querySteps.Length]);

    public EpisodeBatch To(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        return new EpisodeBatch(Convert(Support), Convert(Query), _rowsPerStep) { FirstTask = FirstTask };

        Rows<Tensor> Convert(Rows<Tensor> rows) => new(
            rows.Features.to(dtype, copy: true), rows.Targets.to(dtype, copy: true), rows.Weights.to(dtype, copy: true));
    }

    public void Dispose()
    {
        Dispose(Support, _supportSteps);
        Dispose(Query, _querySteps);
    }

    /// <summary>Parts of about the same size in the order of the rows, as views; the weights of each sum to 1.</summary>
    private static Rows<Tensor>[] MiniBatches(Rows<Tensor> rows, int most)
    {
        using var scope = NewDisposeScope();
        var count = rows.Features.shape[1];
        var parts = (count + most - 1) / most;
        return [.. Enumerable.Range(0, (int)parts).Select(part =>
        {
            var (start, end) = (part * count / parts, (part + 1) * count / parts);
            var weights = rows.Weights.narrow(1, start, end - start);
            return Own(new Rows<Tensor>(
                rows.Features.narrow(1, start, end - start), rows.Targets.narrow(1, start, end - start),
                weights.div(weights.sum([1], keepdim: true))));
        })];
    }

    private static Rows<Tensor> Own(Rows<Tensor> rows) => new(
        rows.Features.DetachFromDisposeScope(), rows.Targets.DetachFromDisposeScope(), rows.Weights.DetachFromDisposeScope());

    private static void Dispose(Rows<Tensor> all, Rows<Tensor>[] steps)
    {
        foreach (var rows in steps.Length > 1 ? steps.Append(all) : steps)
        {
            rows.Features.Dispose();
            rows.Targets.Dispose();
            rows.Weights.Dispose();
        }
    }
}
