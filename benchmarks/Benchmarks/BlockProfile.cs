using MLNetMeta.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Benchmarks;

/// <summary>
/// What the parts of a convolutional block cost, forward and back: our loops over images in memory beside the same from libtorch's
/// operators, which are what runs on a GPU.
/// </summary>
internal static class BlockProfile
{
    private const int Images = 80, Filters = 64;

    private const double Epsilon = 1e-5;

    public static void Run(TextWriter output, int rounds)
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        Block(output, rounds, "First block, 28 × 28 × 1 → 14 × 14 × 64", side: 28, channels: 1);
        Block(output, rounds, "Second block, 14 × 14 × 64 → 7 × 7 × 64", side: 14, channels: Filters);
    }

    private static void Block(TextWriter output, int rounds, string title, int side, int channels)
    {
        using var scope = NewDisposeScope();
        var map = new PatchMap(side, side, size: 3, stride: 2, padding: 1);
        var ops = TorchOps.Instance;
        var (images, weight) = (randn(1, Images, map.Positions, channels), randn(9 * channels, Filters));
        var windows = ops.MergeRows(ops.Patches(images, map));
        var convolved = ops.SplitRows(ops.MatMul(windows, weight), map.Windows);
        var normalized = ops.Normalize(convolved, ImageNormalization.Layer, Epsilon);
        var (rectified, adjoint) = (ops.Relu(normalized), randn_like(normalized));
        var flat = ops.MergeRows(adjoint);
        var back = ops.SplitRows(ops.MatMul(flat, ops.Transpose(weight)), map.Windows);
        var dense = new DenseImages(map);

        Pair("windows", () => ops.Patches(images, map), () => dense.Patches(images));
        One("product with the weights", () => ops.MatMul(windows, weight));
        Pair(
            "normalisation of each image", () => ops.Normalize(convolved, ImageNormalization.Layer, Epsilon),
            () => DenseImages.Normalize(convolved, Epsilon));
        One("bias", () => ops.Add(normalized, ones(1, Filters)));
        One("ReLU", () => ops.Relu(normalized));
        Pair("back through ReLU", () => ops.ReluAdjoint(rectified, adjoint), () => adjoint.mul(rectified.sign()));
        Pair(
            "back through the normalisation",
            () => ops.NormalizeAdjoint(convolved, normalized, adjoint, ImageNormalization.Layer, Epsilon),
            () => DenseImages.NormalizeAdjoint(convolved, adjoint, Epsilon));
        One("gradient of the weights", () => ops.MatMul(ops.Transpose(windows), flat));
        if (channels > 1)
        {
            One("gradient of the windows", () => ops.MatMul(flat, ops.Transpose(weight)));
            Pair("back to the images", () => ops.Unpatch(back, map), () => dense.Unpatch(back));
        }

        void One(string part, Func<Tensor> run) =>
            Timed(new Paired($"{title}: {part}", rounds, onProcessor: true).Add("libtorch", In(run)));

        void Pair(string part, Func<Tensor> loops, Func<Tensor> operators) => Timed(
            new Paired($"{title}: {part}", rounds, onProcessor: true).Add("loops", In(loops)).Add("libtorch's operators", In(operators)));

        void Timed(Paired paired) => paired.Report(output, repeats: 20);
    }

    private static Action In(Func<Tensor> run) => () =>
    {
        using var scope = NewDisposeScope();
        run();
    };
}
