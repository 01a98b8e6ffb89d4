using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>See <see cref="Compute.Torch"/>.</summary>
internal sealed record TorchCompute : Compute
{
    public TorchCompute(string device, int? threads, int? tasksPerShard)
        : base(threads, tasksPerShard ?? (device == "cpu" ? ShardOfProcessor : ShardOfAccelerator))
    {
        if (!TorchDevice.IsWellFormed(device))
        {
            throw Throw.Option(nameof(device), device, "cpu, cuda or cuda:N");
        }

        Device = device;
    }

    public string Device { get; }

    internal override void Serve(MetaTrainingOptions options)
    {
    }

    internal override IDisposable Begin() => OneTorchThread.Begin();

    internal override void Check()
    {
        TorchRuntime.EnsureLoaded();
        _ = TorchDevice.Open(Device);
    }

    internal override IContributor OpenEngine(ILearner learner, MetaGradientRule rule, Phase free, IEpisodes episodes)
    {
        var device = TorchDevice.Open(Device);
        return new TorchEngine(learner, rule.Create(free), free, new EpisodesOnDevice(episodes, device), device);
    }
}
