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

    private sealed record Block(string Name, PatchMap Map, PatchMap Pool, int In, int Out);

    /// <param name="options">Image shape and blocks.</param>
    public ConvNet(ConvolutionalNetwork options)
    {
        _options = options;
        var (channels, height, width) = (options.Image.Channels, options.Image.Height, options.Image.Width);
        Inputs = options.Image.Pixels;
        var blocks = new List<Block>();
        foreach (var filters in options.Filters)
        {
            var map = new PatchMap(height, width, size: 3, options.Stride, padding: 1);
            var pooled = new PatchMap(map.OutputHeight, map.OutputWidth, options.Pooling, options.Pooling, padding: 0);
            blocks.Add(new Block($"block{blocks.Count + 1}", map, pooled, channels, filters));
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
        var convolved = ops.Convolve(h, parameters($"{block.Name}.weight"), block.Map);
        var normalized = ops.Normalize(convolved, _options.Normalization, Epsilon);
        return ops.Add(ops.MergeRows(normalized), parameters($"{block.Name}.bias"));
    }

    public V AfterModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h)
    {
        var images = ops.SplitRows(ops.Relu(h), _blocks[stage].Map.Windows);
        return _options.Pooling == 1 ? images : ops.MaxPool(images, _blocks[stage].Pool);
    }

    public V Leave<V>(Ops<V> ops, V h) => ops.MergeLast(h);
}
