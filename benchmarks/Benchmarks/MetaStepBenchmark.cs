using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Benchmarks;

/// <summary>
/// One estimate of the meta-gradient by the contrastive rule: a 1-40-40-1 ReLU network, 10 support and 10 query rows a task, plain SGD, 16
/// free and 10 + 10 nudged steps, symmetric. Against a loop over tasks with the same library, and with one worker against two.
/// </summary>
internal static class MetaStepBenchmark
{
    private const int Rows = 10;

    private static readonly Phase _free = new(Optimizer.Sgd(0.01), 16);

    private static readonly ContrastiveSettings _rule = new(0.1, NudgingStencil.Symmetric, 10, NudgedOptimizer: null);

    public static void Run(TextWriter output, int rounds)
    {
        set_num_threads(1);
        foreach (var (name, learner) in Learners())
        {
            using var theta = SlowParameters.Draw(learner.Slow, new Random(1));
            using var tasks16 = Tasks(16);
            new Paired($"One meta-step of 16 tasks, {name}", rounds)
                .Add("2 workers, 8 tasks a shard (the default)", () => Contribute(learner, theta, tasks16, tasksPerShard: 8, workers: 2))
                .Add("1 worker, 8 tasks a shard", () => Contribute(learner, theta, tasks16, tasksPerShard: 8, workers: 1))
                .Add("1 worker, all tasks at once", () => Contribute(learner, theta, tasks16, tasksPerShard: 16, workers: 1))
                .Report(output, repeats: 20);

            using var tasks25 = Tasks(25);
            new Paired($"One meta-step of 25 tasks, {name}, one thread", rounds)
                .Add("task-batched", () => Contribute(learner, theta, tasks25, tasksPerShard: 25, workers: 1))
                .Add("loop over tasks", () => Contribute(learner, theta, tasks25, tasksPerShard: 1, workers: 1))
                .Report(output, repeats: 3);

            using var tasks1 = Tasks(1);
            foreach (var (tasks, text) in new[] { (tasks16, "16 tasks"), (tasks1, "one task") })
            {
                using var torchEngine = Torch(learner, tasks);
                using var onnxEngine = Onnx(learner, tasks);
                var all = TaskRange.Training(0, tasks.Tasks);
                var vector = theta.ToVector();
                new Paired($"One meta-step of {text}, {name}, one thread, libtorch and ONNX Runtime", rounds)
                    .Add("libtorch", () => torchEngine.Contribute(vector, all))
                    .Add("ONNX Runtime", () => onnxEngine.Contribute(vector, all))
                    .Report(output, repeats: 20);
            }

            using var tasks64 = Tasks(64);
            using (var onnxEngine = Onnx(learner, tasks64))
            {
                var vector = theta.ToVector();
                new Paired($"One meta-step of 64 tasks, {name}, ONNX Runtime", rounds)
                    .Add("1 thread", () => new ShardedContributor(onnxEngine, 8, 1).Contribute(vector, TaskRange.Training(0, 64)))
                    .Add("2 threads", () => new ShardedContributor(onnxEngine, 8, 2).Contribute(vector, TaskRange.Training(0, 64)))
                    .Report(output, repeats: 10);
            }

            new Paired($"One meta-step of 64 tasks, {name}", rounds)
                .Add("1 worker", () => Contribute(learner, theta, tasks64, tasksPerShard: 8, workers: 1))
                .Add("2 workers", () => Contribute(learner, theta, tasks64, tasksPerShard: 8, workers: 2))
                .Report(output, repeats: 10);
            output.WriteLine($"Gradients of 1 and 2 workers are {(SameBits(learner, theta, tasks64) ? "bit-equal" : "NOT bit-equal")}.");
        }
    }

    /// <summary>
    /// Peak memory of this process, in MiB, after contributions of 16 tasks. Where their number times their steps is the same, .NET's and
    /// the allocator's own slack is the same too, whatever the length of a phase.
    /// </summary>
    /// <param name="onnxRuntime">True for ONNX Runtime, false for TorchSharp.</param>
    /// <param name="innerSteps">Steps of each phase.</param>
    /// <param name="metaSteps">Number of contributions.</param>
    public static double PeakMemory(bool onnxRuntime, int innerSteps, int metaSteps)
    {
        set_num_threads(1);
        var learner = Learners().First().Learner;
        var theta = ParameterSpec.Draw(learner.Slow, new Random(1));
        using var tasks = Tasks(16);
        var free = new Phase(Optimizer.Sgd(1e-3), innerSteps);
        var rule = new ContrastiveSettings(0.1, NudgingStencil.Symmetric, innerSteps, NudgedOptimizer: null);
        using IContributor engine = onnxRuntime
            ? new OnnxEngine(learner, rule, free, new HostEpisodes(tasks), ExecutionProvider.Cpu)
            : new TorchEngine(learner, rule.Create(free), free, new FixedEpisodes(tasks));
        for (var step = 0; step < metaSteps; step++)
        {
            engine.Contribute(theta, TaskRange.Training(step, 16));
        }

        return System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64 / (1024.0 * 1024.0);
    }

    private static IEnumerable<(string Name, ILearner Learner)> Learners()
    {
        var network = Mlp.WithReadout(1, [40, 40], 1, Activation.Relu);
        yield return ("complex synapse", new ComplexSynapse(network, TaskLoss.SquaredError, 0.1, learnStrength: true));
        yield return ("dual system", new DualSystem(network, TaskLoss.SquaredError, 0.1, learnStrength: true));
    }

    private static bool SameBits(ILearner learner, Parameters theta, EpisodeBatch tasks)
    {
        var (one, two) = (Contribute(learner, theta, tasks, 8, 1), Contribute(learner, theta, tasks, 8, 2));
        return one.Gradient.AsSpan().SequenceEqual(two.Gradient);
    }

    private static Contribution Contribute(ILearner learner, Parameters theta, EpisodeBatch tasks, int tasksPerShard, int workers)
    {
        using var contributor = new ShardedContributor(Torch(learner, tasks), tasksPerShard, workers);
        return contributor.Contribute(theta.ToVector(), TaskRange.Training(0, tasks.Tasks));
    }

    private static TorchEngine Torch(ILearner learner, EpisodeBatch tasks) =>
        new(learner, _rule.Create(_free), _free, new FixedEpisodes(tasks));

    private static OnnxEngine Onnx(ILearner learner, EpisodeBatch tasks) =>
        new(learner, _rule, _free, new HostEpisodes(tasks), ExecutionProvider.Cpu);

    /// <summary>Sinusoids of random amplitude and phase.</summary>
    private static EpisodeBatch Tasks(int count)
    {
        var random = new Random(2);
        var (features, targets) = (new float[2, count * Rows], new float[2, count * Rows]);
        for (var task = 0; task < count; task++)
        {
            var (amplitude, phase) = (0.1 + (4.9 * random.NextDouble()), Math.PI * random.NextDouble());
            for (var row = 0; row < 2 * Rows; row++)
            {
                var x = -5 + (10 * random.NextDouble());
                features[row / Rows, (task * Rows) + (row % Rows)] = (float)(x / 2.9);
                targets[row / Rows, (task * Rows) + (row % Rows)] = (float)(amplitude * Math.Sin(x + phase) / 2.1);
            }
        }

        using var scope = NewDisposeScope();
        return new EpisodeBatch(Side(0), Side(1));

        Rows<Tensor> Side(int side) => new(
            tensor(features)[side].reshape(count, Rows, 1), tensor(targets)[side].reshape(count, Rows, 1),
            full([count, Rows, 1], 1f / Rows));
    }
}
