using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Bandits;

/// <summary>A learner of wheels: how it is meta-trained and how it learns from its own pulls.</summary>
/// <param name="Options">Its options; those of a complex synapse or of a dual system.</param>
/// <param name="Tasks">Number of wheels to meta-train on.</param>
/// <param name="Online">How it is trained between pulls.</param>
internal sealed record WheelLearner(InnerLoopOptions Options, int Tasks, OnlineTraining Online)
{
    /// <summary>The learner on its network.</summary>
    public ILearner Create() => Options.CreateLearner(
        Options.Network.WithReadout(Wheel.Features, Options.FeatureColumnName, Wheel.Arms), TaskLoss.ObservedSquaredError);

    /// <summary>θ with the lowest validation loss.</summary>
    public Parameters MetaTrain(int seed)
    {
        var host = ((IHostEnvironment)new MLContext(seed)).Register(nameof(WheelLearner));
        using var channel = host.Start(nameof(MetaTrain));
        var tasks = WheelTasks.Read(Create(), Options, Tasks, seed);
        return Parameters.Of(tasks.Learner.Slow, new MetaTrainingRun(host, channel, Options, tasks).Best());
    }

    /// <summary>A network for each run, all beginning where the learner begins.</summary>
    public ReplayNetwork Network(BanditRuns runs, Parameters theta, int seed) => new(runs, Create(), theta, null, Online, seed);

    /// <summary>A network for each run, each beginning with weights of its own that nothing has been learned with.</summary>
    public ReplayNetwork UntrainedNetwork(BanditRuns runs, int seed)
    {
        using var scope = NewDisposeScope();
        var (learner, random) = (Create(), new Random(seed));
        using var theta = SlowParameters.Draw(learner.Slow, random);
        var start = new NamedValues<Tensor>(
            [.. learner.Fast.Select(f => f.Name)],
            [
                .. learner.Fast.Select(
                    f => tensor(Enumerable.Range(0, runs.Runs).SelectMany(_ => f.Draw(random)).ToArray()).reshape([runs.Runs, .. f.Shape])),
            ]);
        return new ReplayNetwork(runs, learner, theta, start, Online, seed);
    }
}
