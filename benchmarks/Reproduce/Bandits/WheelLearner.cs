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
internal sealed record WheelLearner(MetaTrainingOptions Options, int Tasks, OnlineTraining Online)
{
    /// <summary>The learner on its network.</summary>
    public ILearner Create()
    {
        var network = new Mlp(Wheel.Features, Options.HiddenUnits, Wheel.Arms, Options.Activation);
        return Options switch
        {
            ComplexSynapseTrainer.Options o => new ComplexSynapse(
                network, TaskLoss.ObservedSquaredError, o.ConsolidationStrength, o.LearnConsolidation, o.FastParameters, o.LearnInnerRates),
            DualSystemTrainer.Options o => new DualSystem(network, TaskLoss.ObservedSquaredError, o.ModulationPull, o.LearnModulationPull, o.LearnInnerRates, o.ModulatedLayers ?? int.MaxValue),
            _ => throw new NotSupportedException($"Say here which learner {Options.GetType()} is for."),
        };
    }

    /// <summary>θ with the lowest validation loss.</summary>
    public Parameters MetaTrain(int seed)
    {
        var host = ((IHostEnvironment)new MLContext(seed)).Register(nameof(WheelLearner));
        using var channel = host.Start(nameof(MetaTrain));
        return new MetaTrainingRun(host, channel, Options, "wheel bandit", WheelTasks.Read(Create(), Options, Tasks, seed)).Best();
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
            [.. learner.Fast.Select(f => tensor(Enumerable.Range(0, runs.Runs).SelectMany(_ => f.Draw(random)).ToArray()).reshape([runs.Runs, .. f.Shape]))]);
        return new ReplayNetwork(runs, learner, theta, start, Online, seed);
    }
}
