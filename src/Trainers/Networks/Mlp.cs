using System.Collections.Immutable;
using System.Text.Json;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Networks;

/// <summary>A multilayer perceptron of any depth: h ← σ((hW + b) · gain + shift), then a linear readout.</summary>
/// <remarks>Weights are drawn from N(0, gain²/inputs) (Kaiming), biases start at 0.</remarks>
internal sealed class Mlp : INetwork
{
    private readonly ImmutableArray<int> _hidden;
    private readonly Activation _activation;

    /// <param name="inputs">Number of features.</param>
    /// <param name="hidden">Units of each hidden layer; empty for a linear model.</param>
    /// <param name="activation">Nonlinearity of the hidden units.</param>
    public Mlp(int inputs, IEnumerable<int> hidden, Activation activation)
    {
        Inputs = inputs;
        _hidden = [.. hidden];
        _activation = activation;
        Stages = [.. _hidden.Select((units, i) => new NetworkStage($"layer{i + 1}", units))];
        Parameters =
        [
            .. Stages.Zip([inputs, .. _hidden]).SelectMany(layer => new ParameterSpec[]
            {
                new($"{layer.First.Name}.weight", [layer.Second, layer.First.Units])
                {
                    InitialDeviation = activation.InitialGain() / Math.Sqrt(layer.Second),
                },
                new($"{layer.First.Name}.bias", [1, layer.First.Units]),
            }),
        ];
    }

    public int Inputs { get; }

    public int Units => _hidden.IsEmpty ? Inputs : _hidden[^1];

    public ImmutableArray<NetworkStage> Stages { get; }

    public ImmutableArray<ParameterSpec> Parameters { get; }

    /// <summary>The same with a readout.</summary>
    public static Network WithReadout(int inputs, IEnumerable<int> hidden, int? outputs, Activation activation) =>
        new(new Mlp(inputs, hidden, activation), outputs);

    public string Describe() =>
        JsonSerializer.Serialize(new { kind = "Mlp", inputs = Inputs, hidden = _hidden.ToArray(), activation = _activation.ToString() });

    public V BeforeModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h) =>
        ops.Add(ops.MatMul(h, parameters(Parameters[2 * stage].Name)), parameters(Parameters[(2 * stage) + 1].Name));

    public V AfterModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h) => _activation.Apply(ops, h);
}
