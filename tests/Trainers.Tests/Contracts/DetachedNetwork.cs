using System.Collections.Immutable;

namespace MLNetMeta.Trainers.Tests.Contracts;

/// <summary>A network that forgets the gradient of its weight.</summary>
internal sealed class DetachedNetwork : INetwork
{
    public int Inputs => 2;

    public int Units => 3;

    public ImmutableArray<NetworkStage> Stages { get; } = [new("inner", 3)];

    public ImmutableArray<ParameterSpec> Parameters { get; } = [new("inner.weight", [2, 3]) { InitialDeviation = 1 }];

    public string Describe() => """{"kind":"Detached"}""";

    public V BeforeModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h) =>
        ops.MatMul(h, ops.StopGradient(parameters("inner.weight")));

    public V AfterModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h) => ops.Tanh(h);
}
