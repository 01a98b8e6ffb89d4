using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>See <see cref="Compute.Torch"/>.</summary>
internal sealed record TorchCompute : Compute
{
    public TorchCompute(string device, int? threads, int tasksPerShard)
    {
        if (!TorchDevice.IsWellFormed(device))
        {
            throw Throw.Option(nameof(device), device, "cpu, cuda or cuda:N");
        }

        ShardCheck.Arguments(threads, tasksPerShard);
        (Device, Threads, TasksPerShard) = (device, threads, tasksPerShard);
    }

    public string Device { get; }

    public int? Threads { get; }

    public int TasksPerShard { get; }

    internal override void Serve(MetaTrainingOptions options)
    {
    }

    internal override IDisposable Begin() => OneTorchThread.Begin();

    internal override string Describe() => FormattableString.Invariant($"shards of {TasksPerShard}");

    internal override void Check()
    {
        TorchRuntime.EnsureLoaded();
        _ = TorchDevice.Open(Device);
    }

    internal override IContributor Open(ILearner learner, MetaGradientRule rule, Phase free, IEpisodes episodes)
    {
        var device = TorchDevice.Open(Device);
        var engine = new TorchEngine(learner, rule.Create(free), free, new EpisodesOnDevice(episodes, device), device);
        return new ShardedContributor(engine, TasksPerShard, Threads ?? Environment.ProcessorCount);
    }
}
