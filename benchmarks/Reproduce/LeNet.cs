using System.Collections.Immutable;
using System.Text.Json;

namespace MLNetMeta.Reproduce;

/// <summary>
/// LeNet for CIFAR-10 (paper, section 5.2): convolutions 5×5 of 3 → 6 → 16 channels, each normalised,
/// rectified and max-pooled 2×2; layers 400-120-84-10.
/// </summary>
/// <remarks>
/// <para>Differs from the paper: batch normalisation, whose statistics are those of the mini-batch, is replaced by statistics of the image
/// alone: of each channel over the positions after a convolution (instance normalisation), of the units of a layer elsewhere (layer
/// normalisation). So the loss of a row does not depend on the other rows of its mini-batch, and
/// no running statistics are needed to predict.</para>
/// <para>h ← pool(ReLU(norm(h ∗ W) + b)). A bias before the normalisation would be without effect.</para>
/// </remarks>
internal sealed class LeNet : INetwork
{
    private const double Epsilon = 1e-5;

    private const int Side = 32, Channels = 3;

    private static readonly Convolution[] _convolutions = [new("conv1", 32, 3, 6), new("conv2", 14, 6, 16)];

    private static readonly (string Name, int In, int Out)[] _layers = [("layer1", 400, 120), ("layer2", 120, 84)];

    private static readonly (string Name, int In, int Out)[] _units = [.. _convolutions.Select(c => (c.Name, c.In, c.Out)), .. _layers];

    private sealed class Convolution(string name, int side, int channels, int filters)
    {
        public string Name => name;

        public int In => 25 * channels;

        public int Out => filters;

        public PatchMap Windows { get; } = new(side, side, size: 5, stride: 1, padding: 0);

        public PatchMap Pool { get; } = new(side - 4, side - 4, size: 2, stride: 2, padding: 0);
    }

    public LeNet()
    {
        Parameters =
        [
            .. _units.SelectMany(u => new ParameterSpec[]
            {
                new($"{u.Name}.weight", [u.In, u.Out]) { InitialDeviation = Math.Sqrt(2.0 / u.In) }, new($"{u.Name}.bias", [1, u.Out]),
            }),
        ];
    }

    public int Inputs => Channels * Side * Side;

    public int Units => _units[^1].Out;

    public ImmutableArray<NetworkStage> Stages { get; } = [.. _units.Select(unit => new NetworkStage(unit.Name, unit.Out))];

    public ImmutableArray<ParameterSpec> Parameters { get; }

    public string Describe() => JsonSerializer.Serialize(new { kind = "LeNet" });

    public V Enter<V>(Ops<V> ops, V features) => ops.Transpose(ops.SplitLast(features, Side * Side));

    public V BeforeModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h)
    {
        var (weight, bias) = (parameters($"{_units[stage].Name}.weight"), parameters($"{_units[stage].Name}.bias"));
        if (stage < _convolutions.Length)
        {
            var convolved = ops.Convolve(h, weight, _convolutions[stage].Windows);
            var normalized = ops.Normalize(convolved, ImageNormalization.Instance, Epsilon);
            return ops.Add(ops.MergeRows(normalized), bias);
        }

        return ops.Add(Normalized(ops, ops.MatMul(h, weight)), bias);
    }

    public V AfterModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h)
    {
        if (stage >= _convolutions.Length)
        {
            return ops.Relu(h);
        }

        var convolution = _convolutions[stage];
        var images = ops.SplitRows(ops.Relu(h), convolution.Windows.Windows);
        var pooled = ops.MaxPool(images, convolution.Pool);
        return stage == _convolutions.Length - 1 ? ops.MergeLast(pooled) : pooled;
    }

    /// <summary>Mean 0 and variance 1 over the units.</summary>
    private static V Normalized<V>(Ops<V> ops, V x)
    {
        var centred = ops.Subtract(x, ops.Mean(x, -1));
        return ops.Divide(centred, ops.Sqrt(ops.Shift(ops.Mean(ops.Multiply(centred, centred), -1), Epsilon)));
    }
}
