using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Benchmarks;

/// <summary>Images: learning five new characters in the app from one drawing of each, and the throughput of meta-training.</summary>
internal static class ImageBenchmark
{
    private const double Beta = 0.1;

    private const int ScoredDrawings = 500;

    // float32 sums in another order, divided by 2β.
    private const double Agreement = 1e-3;

    private static readonly Optimizer _optimizer = Optimizer.Sgd(0.02, 0.9, nesterov: true);

    public static void Run(TextWriter output, int rounds)
    {
        Adaptation(output, rounds);
        var peak = GemmPeak();
        output.WriteLine();
        output.WriteLine(Invariant($"Float32 matrix product of 2048 × 2048, one thread of libtorch: {peak:F1} GFLOP/s"));
        var (forward, withGradient) = ImageTasks.Operations();
        const int support = ImageTasks.Ways, query = ImageTasks.Ways * ImageTasks.QueryRows;

        // Needed: one pass through the trunk and one back through it, for support and query.
        MetaStep(output, rounds, peak, FastParameters.Head, tasks: 16, freeSteps: 40, nudgedSteps: 20, (support + query) * withGradient);
        // Needed: one such pass for each inner step; the free phase sees the support only. The last one is for the evaluation loss.
        const int freeSteps = 10, nudgedSteps = 5;
        MetaStep(
            output, Math.Min(rounds, 7), peak, FastParameters.All, tasks: 4, freeSteps, nudgedSteps,
            (((freeSteps * support) + (2 * nudgedSteps * (support + query))) * withGradient) + (query * forward));
    }

    private static void Adaptation(TextWriter output, int rounds)
    {
        var ml = new MLContext(1);
        var drawings = Drawing.View(ml, ImageTasks.Support(), ImageTasks.Side * ImageTasks.Side);
        var support = ml.Transforms.Conversion.MapValueToKey("Label").Fit(drawings).Transform(drawings);
        var image = ComplexSynapseTrainer.Options.ForImages(ImageTasks.Network.Image);
        var paired = new Paired(
            $"Adapting to 5 characters of one drawing each, 28 × 28, "
            + $"{string.Join("-", ((ConvolutionalNetwork)image.Network).Filters)}, {image.Adaptation.Steps} steps, one thread of ONNX "
            + "Runtime", rounds);
        var queries = Drawing.View(
            ml, StrokeAlphabet.Draw(ImageTasks.Ways, ScoredDrawings / ImageTasks.Ways, ImageTasks.Side, seed: 3),
            ImageTasks.Side * ImageTasks.Side);
        var scoring = new Paired($"Scoring {ScoredDrawings} drawings with the adapted models", rounds);
        var learners = new List<Learner>();
        var models = new List<FewShotPredictionTransformer>();
        foreach (var (name, file) in ImageTasks.LearnerFiles())
        {
            var learner = Learner.Load(file);
            learners.Add(learner);
            var model = ml.MetaLearning().FewShot(learner).Fit(support);
            models.Add(model);
            scoring.Add(name, () => _ = model.Transform(queries).GetColumn<float[]>("Score").Count());
            paired.Add($"FewShot(learner).Fit(support), {name}", () => ml.MetaLearning().FewShot(learner).Fit(support).Dispose());
        }

        paired.Report(output);
        scoring.Report(output);
        models.ForEach(model => model.Dispose());
        learners.ForEach(learner => learner.Dispose());
    }

    private static void MetaStep(
        TextWriter output, int rounds, double peak, FastParameters fast, int tasks, int freeSteps, int nudgedSteps, double operationsOfTask)
    {
        set_num_threads(1);
        var learner = ImageTasks.Synapse(fast);
        using var theta = SlowParameters.Draw(learner.Slow, new Random(1));
        var vector = theta.ToVector();
        using var batch = ImageTasks.Batch(tasks);
        var (free, nudged) = (new Phase(_optimizer, freeSteps), new Phase(_optimizer, nudgedSteps));
        using var onnxEngine = new OnnxEngine(
            learner, new ContrastiveSettings(Beta, NudgingStencil.Symmetric, nudgedSteps, NudgedOptimizer: null), free,
            new HostEpisodes(batch), ExecutionProvider.Cpu);
        var loop = new ConvolutionLoop(ImageTasks.Network, fast == FastParameters.Head, free, nudged, Beta);
        var milliseconds = new Paired(
            $"One meta-step of {tasks} tasks, 5-way 1-shot, 15 queries each, "
            + $"{(fast == FastParameters.Head ? "readout" : "all weights")} fast, {freeSteps} free and 2 × {nudgedSteps} nudged steps",
            rounds)
            .Add("task-batched, 1 worker", () => Estimate(tasksPerShard: 8, workers: 1))
            .Add("task-batched, 2 workers", () => Estimate(Math.Min(8, tasks / 2), workers: 2))
            .Add("a loop over tasks with the same code", () => Estimate(tasksPerShard: 1, workers: 1))
            .Add("a loop over tasks with libtorch's convolutions and autograd", () =>
            {
                using var scope = NewDisposeScope();
                loop.Estimate(theta.Values, batch);
            })
            .Add("ONNX Runtime, one task at a time, 1 worker", () => Onnx(tasksPerShard: 1))
            .Add("ONNX Runtime, task-batched, 1 worker", () => Onnx(tasksPerShard: 8))
            .Report(output);
        var speed = tasks * operationsOfTask / milliseconds[0] / 1e6;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Task-batched, 1 worker: {tasks / milliseconds[0] * 1000:F0} tasks/s, {speed:F1} GFLOP/s in the convolutions that the "
                + $"rule needs, {speed / peak:P0} of the matrix product."));
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The gradients of the two programs differ by {Difference():E1}, relative; "
                + $"{(Difference() <= Agreement ? "they agree" : "they do NOT agree")}."));

        void Estimate(int tasksPerShard, int workers) => Batched(tasksPerShard, workers);

        // Not disposed: the engine goes on.
        Contribution Onnx(int tasksPerShard) =>
            new ShardedContributor(onnxEngine, tasksPerShard, 1).Contribute(vector, TaskRange.Training(0, batch.Tasks));

        Contribution Batched(int tasksPerShard, int workers)
        {
            var engine = new TorchEngine(
                learner, new ContrastiveRule(Stencil.Symmetric, Beta, free, nudged), free, new FixedEpisodes(batch));
            using var contributor = new ShardedContributor(engine, tasksPerShard, workers);
            return contributor.Contribute(vector, TaskRange.Training(0, batch.Tasks));
        }

        double Difference()
        {
            using var scope = NewDisposeScope();
            using var mean = Parameters.Of(learner.Slow, Batched(8, 1).MeanGradient());
            Tensor[] theirs = loop.Estimate(theta.Values, batch);
            var difference = mean.Values.Values.Zip(theirs, (a, b) => (a - b).square().sum().ToDouble()).Sum();
            return Math.Sqrt(difference / theirs.Sum(t => t.square().sum().ToDouble()));
        }
    }

    /// <summary>Billions of floating-point operations a second of the largest matrix product at hand, the best of several.</summary>
    private static double GemmPeak()
    {
        const int size = 2048;
        set_num_threads(1);
        using var scope = NewDisposeScope();
        var (a, b) = (rand(size, size), rand(size, size));
        return Enumerable.Range(0, 8).Max(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            using var product = a.matmul(b);
            return 2e-9 * size * size * size / Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
