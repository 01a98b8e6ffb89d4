using System.Collections.Immutable;
using MLNetMeta.Trainers;

namespace MLNetMeta.Samples;

/// <summary>A residual network: h ← tanh(x W + b), then h ← h + tanh(h V + c) U in each block.</summary>
internal sealed class ResidualNetwork : INetwork
{
    public ResidualNetwork(int inputs, int units, int blocks = 2)
    {
        (Inputs, Units) = (inputs, units);
        Stages = [new("input", units), .. Enumerable.Range(1, blocks).Select(i => new NetworkStage($"block{i}", units))];
        Parameters =
        [
            Weight("input.weight", inputs, gain: 1), Bias("input.bias"),
            .. Stages.Skip(1).SelectMany(block => new[]
            {
                Weight($"{block.Name}.in", units, gain: 1), Bias($"{block.Name}.bias"), Weight($"{block.Name}.out", units, gain: 0.3),
            }),
        ];

        ParameterSpec Weight(string name, int from, double gain) =>
            new(name, [from, units]) { InitialDeviation = gain / Math.Sqrt(from) };
        ParameterSpec Bias(string name) => new(name, [1, units]);
    }

    public int Inputs { get; }

    public int Units { get; }

    public ImmutableArray<NetworkStage> Stages { get; }

    public ImmutableArray<ParameterSpec> Parameters { get; }

    public string Describe() => $$"""{"kind":"ResidualNetwork","inputs":{{Inputs}},"units":{{Units}},"blocks":{{Stages.Length - 1}}}""";

    public V BeforeModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h)
    {
        if (stage == 0)
        {
            return ops.Add(ops.MatMul(h, parameters("input.weight")), parameters("input.bias"));
        }

        var name = Stages[stage].Name;
        var hidden = ops.Tanh(ops.Add(ops.MatMul(h, parameters($"{name}.in")), parameters($"{name}.bias")));
        return ops.Add(h, ops.MatMul(hidden, parameters($"{name}.out"))); // the residual connection
    }

    public V AfterModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h) => stage == 0 ? ops.Tanh(h) : h;
}
