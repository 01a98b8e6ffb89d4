using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>What computes a meta-training, and where.</summary>
/// <example>
/// <code>
/// var onGpu = Compute.Torch("cuda");
/// var withoutLibtorch = Compute.OnnxRuntime(threads: 8);
/// </code>
/// </example>
public abstract record Compute
{
    private protected const int ShardOfProcessor = 8;

    // A GPU is faster than a processor from about here on; most meta-batches are one call then.
    private protected const int ShardOfAccelerator = 256;

    internal Compute(int? threads, int tasksPerShard)
    {
        var check = default(OptionCheck);
        check.AtLeast(threads ?? 1, 1, nameof(threads));
        check.AtLeast(tasksPerShard, 1, nameof(tasksPerShard));
        (Threads, TasksPerShard) = (threads, tasksPerShard);
    }

    /// <summary>Threads that work on tasks in parallel; null for one per processor.</summary>
    internal int? Threads { get; }

    /// <summary>Tasks that one thread works on at a time.</summary>
    internal int TasksPerShard { get; }

    /// <summary>
    /// ONNX Runtime for the contrastive rule with a given strength and a multilayer perceptron, where it is the faster one, or a network of
    /// one's own; libtorch on the CPU for everything else.
    /// </summary>
    /// <param name="threads">
    /// Threads that work on tasks in parallel, at least 1; null (default) for one per processor. The result does not depend on it.
    /// </param>
    /// <param name="tasksPerShard">
    /// Tasks that one thread works on at a time, at least 1. The result depends on it in the last digits only. Null (default) for 8, or 1
    /// with a <see cref="ConvolutionalNetwork"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Compute Automatic(int? threads = null, int? tasksPerShard = null) => new AutomaticCompute(threads, tasksPerShard);

    /// <summary>libtorch, which serves every rule; on CPU or an NVIDIA GPU.</summary>
    /// <param name="device">
    /// <c>cpu</c> (default), <c>cuda</c> or <c>cuda:N</c> for the N-th GPU, which needs a CUDA build of libtorch.
    /// </param>
    /// <param name="threads">
    /// Threads that work on tasks in parallel, at least 1; null (default) for one per processor. The result does not depend on it. While
    /// they train, each has one thread of libtorch; when the last of overlapping trainings has ended, libtorch has the number of threads
    /// again that it had before the first.
    /// </param>
    /// <param name="tasksPerShard">
    /// Tasks that one thread works on at a time, at least 1. The result depends on it in the last digits only. Null (default) for 8 on the
    /// CPU and 256 on a GPU, which needs many tasks at a time.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Compute Torch(string device = "cpu", int? threads = null, int? tasksPerShard = null) =>
        new TorchCompute(device, threads, tasksPerShard);

    /// <summary>ONNX Runtime, which serves the contrastive rule with a given strength; no libtorch is needed.</summary>
    /// <param name="provider">What computes; null (default) for <see cref="ExecutionProvider.Cpu"/>.</param>
    /// <param name="threads">
    /// Threads that work on tasks in parallel, at least 1; null (default) for one per processor. The result does not depend on it.
    /// </param>
    /// <param name="tasksPerShard">
    /// Tasks that one thread works on at a time, at least 1. The result depends on it in the last digits only. Null (default) for 8 on
    /// <see cref="ExecutionProvider.Cpu"/>, and 256 on an accelerator, which needs many tasks at a time. An accelerator's 256 also hold
    /// where its fallback computes: give a number if that is the rule.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Compute OnnxRuntime(ExecutionProvider? provider = null, int? threads = null, int? tasksPerShard = null) =>
        new OnnxCompute(provider ?? ExecutionProvider.Cpu, threads, tasksPerShard);

    /// <summary>What computes these options: itself, where there is no choice.</summary>
    internal virtual Compute For(MetaTrainingOptions options) => this;

    /// <summary>Whether it can compute these options at all.</summary>
    /// <exception cref="ArgumentException">It cannot; the message says what can.</exception>
    internal abstract void Serve(MetaTrainingOptions options);

    /// <summary>Prepares the thread that asks, for as long as the result is not disposed.</summary>
    internal abstract IDisposable? Begin();

    /// <summary>What the result depends on, in words. Engines differ in rounding only, so checkpoints go from one to another.</summary>
    internal string Describe() => FormattableString.Invariant($"shards of {TasksPerShard}");

    /// <summary>Whether it can compute on this machine.</summary>
    /// <exception cref="NotSupportedException">There is no such device; the message says what there is.</exception>
    /// <exception cref="DllNotFoundException">A native library is missing; the message says how to get it.</exception>
    internal abstract void Check();

    /// <summary>The tasks of a meta-training, here or wherever they are.</summary>
    /// <exception cref="InvalidOperationException">The rows cannot be learned from.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal virtual TrainingTasks Read(IDataView input, TaskColumns columns, MetaTrainingOptions options, int seed, IChannel channel) =>
        LoadedTasks.Read(input, columns, options, seed, channel);

    /// <summary>Whoever computes the contributions of tasks from here on; the caller's.</summary>
    internal IContributor Open(ILearner learner, MetaGradientRule rule, Phase free, IEpisodes episodes) =>
        new ShardedContributor(OpenEngine(learner, rule, free, episodes), TasksPerShard, Threads ?? Environment.ProcessorCount);

    /// <summary>What computes one shard; called by several threads at once.</summary>
    internal abstract IContributor OpenEngine(ILearner learner, MetaGradientRule rule, Phase free, IEpisodes episodes);
}
