using System.Collections.Immutable;
using MLNetMeta.Trainers;

namespace MLNetMeta.Samples;

/// <summary>
/// A slow network. Its weight matrices learn a task with low-rank adapters (after LoRA, Hu et al., 2022): W + down · up. All tasks share
/// the matrices "down". The matrices "up" and the readout are fast; both are pulled towards values that the tasks share.
/// </summary>
internal sealed class LowRankAdapters : ILearner
{
    private readonly Network _network;
    private readonly Consolidation _consolidation;
    private readonly ImmutableArray<ParameterSpec> _shared;
    private readonly HashSet<string> _adapted;

    public LowRankAdapters(Network network, TaskLoss loss, int rank, double strength = 5)
    {
        (_network, Loss) = (network, loss);
        var matrices = network.Trunk.Where(parameter => parameter.Shape[0] > rank).ToArray();
        var down = matrices.Select(
            matrix => new ParameterSpec(Down(matrix.Name), [matrix.Shape[0], rank]) { InitialDeviation = 1 / Math.Sqrt(matrix.Shape[0]) });
        var up = matrices.Select(matrix => new ParameterSpec(Up(matrix.Name), [rank, matrix.Shape[1]])); // zero: W at first
        _adapted = [.. matrices.Select(matrix => matrix.Name)];
        _shared = [.. network.Trunk, .. down];
        Fast = [.. up, .. network.Head];
        _consolidation = new Consolidation(Fast, strength, learned: true, perRow: true);
        Slow = [.. _shared, .. _consolidation.Slow];
    }

    public INetworkDescription Network => _network;

    public TaskLoss Loss { get; }

    public int? Outputs => _network.Outputs;

    public ImmutableArray<ParameterSpec> Slow { get; }

    public ImmutableArray<ParameterSpec> Fast { get; }

    public NamedValues<V> Consolidated<V>(Ops<V> ops, NamedValues<V> theta) => NamedValues.Of(
        [.. _shared.Select(slow => (slow.Name, theta[slow.Name])), .. _consolidation.Consolidated(ops, theta)]);

    public NamedValues<V> InTask<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.InTask(ops, consolidated, support);

    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.InitialFast(ops, consolidated, support);

    public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded) => _network.Forward(
        ops,
        name => _adapted.Contains(name) ? ops.Add(consolidated[name], ops.MatMul(consolidated[Down(name)], phi[Up(name)]))
            : phi.Contains(name) ? phi[name]
            : consolidated[name],
        encoded);

    public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.AddEnergy(ops, Loss.Of(ops, Predict(ops, phi, consolidated, support.Features), support), phi, consolidated);

    private static string Down(string matrix) => $"{matrix}.down";

    private static string Up(string matrix) => $"{matrix}.up";
}
