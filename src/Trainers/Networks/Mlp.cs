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
    private readonly int _outputs;

    /// <param name="inputs">Number of features.</param>
    /// <param name="hidden">Units of each hidden layer; empty for a linear model.</param>
    /// <param name="outputs">Number of outputs; null for a readout with one column per class of the task at hand.</param>
    /// <param name="activation">Nonlinearity of the hidden units.</param>
    public Mlp(int inputs, IEnumerable<int> hidden, int? outputs, Activation activation)
    {
        Inputs = inputs;
        _hidden = [.. hidden];
        _outputs = outputs ?? 1;
        _activation = activation;
        Trunk = [.. LayerSizes().SelectMany(l => new[]
        {
            new ParameterSpec($"{l.Name}.weight", [l.In, l.Out], 0, activation.InitialGain() / Math.Sqrt(l.In)),
            new ParameterSpec($"{l.Name}.bias", [1, l.Out]),
        })];
        Modulation = [.. LayerSizes().SelectMany(l => new[]
        {
            new ParameterSpec($"{l.Name}.gain", [1, l.Out], 1),
            new ParameterSpec($"{l.Name}.shift", [1, l.Out]),
        })];
        var last = _hidden.IsEmpty ? inputs : _hidden[^1];
        Head =
        [
            new ParameterSpec("head.weight", [last, _outputs], 0, 1 / Math.Sqrt(last), outputs is null),
            new ParameterSpec("head.bias", [1, _outputs], IsPerClass: outputs is null),
        ];
    }

    public int Inputs { get; }

    public int Layers => _hidden.Length;

    public ImmutableArray<ParameterSpec> Trunk { get; }

    public ImmutableArray<ParameterSpec> Modulation { get; }

    public ImmutableArray<ParameterSpec> Head { get; }

    public string Describe() =>
        JsonSerializer.Serialize(new { kind = "Mlp", inputs = Inputs, hidden = _hidden.ToArray(), activation = _activation.ToString() });

    public V Enter<V>(IOps<V> ops, V features) => features;

    public V Affine<V>(IOps<V> ops, Func<string, V> parameters, int layer, V h) =>
        ops.Add(ops.MatMul(h, parameters(Trunk[2 * layer].Name)), parameters(Trunk[(2 * layer) + 1].Name));

    public V Activate<V>(IOps<V> ops, int layer, V h) => _activation.Apply(ops, h);

    public V Leave<V>(IOps<V> ops, V h) => h;

    private IEnumerable<(string Name, int In, int Out)> LayerSizes()
    {
        var inputs = Inputs;
        for (var i = 0; i < _hidden.Length; i++)
        {
            yield return ($"layer{i + 1}", inputs, _hidden[i]);
            inputs = _hidden[i];
        }
    }
}
