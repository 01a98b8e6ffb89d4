using System.Collections.Immutable;
using System.Text.Json;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Networks;

/// <summary>
/// The convolutional network of the few-shot literature: blocks of a 3×3 convolution, a normalisation and ReLU, then a linear readout.
/// </summary>
/// <remarks>
/// <para>h ← ReLU((norm(h ∗ W) + b) · gain + shift). Images are kept channels last, <c>[.., rows, positions, channels]</c>: a convolution
/// is then a gather of windows and the same matrix product, bias and modulation as a layer of an <see cref="Mlp"/>, task-batched in one
/// product, with weights per task or shared. Measured against libtorch's own convolutions and autograd in a loop over tasks:
/// <c>benchmarks/Benchmarks images</c>.</para>
/// <para>The normalisation looks at one image at a time, so a prediction does not depend on the other rows of its batch; the batch
/// normalisation of the MAML family, with which it does, is there for comparison.</para>
/// </remarks>
internal sealed class ConvNet : INetwork
{
    private const double Epsilon = 1e-5;

    private readonly ConvolutionalNetwork _options;
    private readonly ImmutableArray<Block> _blocks;

    private sealed record Block(string Name, PatchMap Map, ImmutableArray<PatchMap> PoolSlots, int In, int Out);

    /// <param name="options">Image shape and blocks.</param>
    public ConvNet(ConvolutionalNetwork options)
    {
        _options = options;
        var (channels, height, width) = (options.Image.Channels, options.Image.Height, options.Image.Width);
        Inputs = channels * height * width;
        var blocks = new List<Block>();
        foreach (var filters in options.Filters)
        {
            var map = new PatchMap(height, width, size: 3, options.Stride, padding: 1);
            var pooled = new PatchMap(map.OutputHeight, map.OutputWidth, options.Pooling, options.Pooling, padding: 0);
            blocks.Add(new Block($"block{blocks.Count + 1}", map, [.. pooled.Slots], channels, filters));
            (channels, height, width) = (filters, pooled.OutputHeight, pooled.OutputWidth);
        }

        _blocks = [.. blocks];
        Stages = [.. _blocks.Select(block => new NetworkStage(block.Name, block.Out))];
        Parameters =
        [
            .. _blocks.SelectMany(b => new ParameterSpec[]
            {
                new($"{b.Name}.weight", [b.Map.WindowSize * b.In, b.Out])
                {
                    InitialDeviation = Math.Sqrt(2.0 / (b.Map.WindowSize * b.In)),
                },
                new($"{b.Name}.bias", [1, b.Out]),
            }),
        ];
        Units = channels * height * width;
    }

    public int Inputs { get; }

    public int Units { get; }

    public ImmutableArray<NetworkStage> Stages { get; }

    public ImmutableArray<ParameterSpec> Parameters { get; }

    public bool IsTransductive => _options.Normalization == ImageNormalization.Transductive;

    /// <summary>The same with a readout.</summary>
    public static Network WithReadout(ConvolutionalNetwork options, int? outputs) => new(new ConvNet(options), outputs);

    public string Describe() => JsonSerializer.Serialize(new
    {
        kind = "ConvNet",
        channels = _options.Image.Channels,
        height = _options.Image.Height,
        width = _options.Image.Width,
        filters = _options.Filters.ToArray(),
        stride = _options.Stride,
        pooling = _options.Pooling,
        normalization = _options.Normalization.ToString(),
    });

    // ML.NET extracts pixels channel by channel: [rows, channels · positions] → [rows, positions, channels].
    public V Enter<V>(Ops<V> ops, V features) => ops.Transpose(ops.SplitLast(features, _options.Image.Height * _options.Image.Width));

    public V BeforeModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h)
    {
        var block = _blocks[stage];
        var convolved = ops.MatMul(ops.MergeRows(ops.Patches(h, block.Map)), parameters($"{block.Name}.weight"));
        return ops.Add(Normalize(ops, convolved, block.Map.Windows), parameters($"{block.Name}.bias"));
    }

    public V AfterModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h) =>
        Pool(ops, ops.SplitRows(ops.Relu(h), _blocks[stage].Map.Windows), _blocks[stage].PoolSlots);

    public V Leave<V>(Ops<V> ops, V h) => ops.MergeLast(h);

    // max(a, b) = b + ReLU(a − b), slot by slot of the windows.
    private static V Pool<V>(Ops<V> ops, V images, ImmutableArray<PatchMap> slots) => slots.Length == 1
        ? images
        : slots.Select(slot => ops.Patches(images, slot)).Aggregate((a, b) => ops.Add(b, ops.Relu(ops.Subtract(a, b))));

    private V Normalize<V>(Ops<V> ops, V flat, int positions)
    {
        if (_options.Normalization == ImageNormalization.None)
        {
            return flat;
        }

        var x = ops.SplitRows(flat, positions);
        var centred = ops.Subtract(x, MeanOf(x));
        var variance = MeanOf(ops.Multiply(centred, centred));
        return ops.MergeRows(ops.Divide(centred, ops.Sqrt(ops.Shift(variance, Epsilon))));

        V MeanOf(V images)
        {
            if (_options.Normalization == ImageNormalization.Transductive)
            {
                return ops.MeanOverImages(images);
            }

            var overPositions = ops.Mean(images, -2);
            return _options.Normalization == ImageNormalization.Layer ? ops.Mean(overPositions, -1) : overPositions;
        }
    }
}
