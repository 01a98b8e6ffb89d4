using System.Collections.Immutable;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>Small spiking networks that do spike.</summary>
internal static class SpikingCase
{
    public const int Steps = 9;

    public const int Inputs = 4;

    public const int Units = 5;

    /// <summary>Time constants short enough for every factor to differ from 1.</summary>
    public static SpikingDynamics Dynamics(int steps = Steps) =>
        new(steps, MembraneTimeConstant: 6, ReadoutTimeConstant: 4, Threshold: 0.5);

    /// <summary>A network that takes spikes.</summary>
    public static SpikingNet Net(int outputs = 2, int features = Steps * Inputs, int steps = Steps) =>
        new(new SpikeEncoder(features, steps, null, 0), Dynamics(steps), Units, outputs);

    public static SpikingSynapse Learner(
        SpikingNet net, SpikingRule rule, SpikingError error, double rateStrength = 0.4, bool learnStrength = false) =>
        new(new SpikingObjective(net, error, rateStrength, 0.3), rule, TorchOracle.FixedStrength, learnStrength);

    /// <summary>Weights of every task of their own, [tasks, ..]: large enough for the recurrence to matter.</summary>
    public static NamedValues<Tensor> Weights(SpikingNet net, int tasks, double recurrent = 0.4, int seed = 3)
    {
        var random = new Random(seed);
        ImmutableArray<ParameterSpec> specs = net.Weights;
        return new NamedValues<Tensor>([.. specs.Select(s => s.Name)], [.. specs.Select(s =>
            NormalTensors.Draw(random, [tasks, .. s.Shape]).Times(s.Name == SpikingNet.RecurrentWeight ? recurrent : 0.5))]);
    }

    /// <summary>The same rows as losses take them.</summary>
    public static Rows<Tensor> Encoded(SpikingNet net, Rows<Tensor> rows) =>
        rows with { Features = net.Encode(TorchOps.Instance, rows.Features) };

    /// <summary>Rows of random spikes and targets, one row of them padding.</summary>
    public static Rows<Tensor> Rows(int tasks, int rows, int outputs, int seed = 5, int features = Steps * Inputs)
    {
        var random = new Random(seed);
        var spikes = NormalTensors.Draw(random, tasks, rows, features).Above(0.4);
        var weights = new double[tasks * rows];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = i % rows == rows - 1 ? 0 : 1.0 / (rows - 1);
        }

        return new Rows<Tensor>(spikes, NormalTensors.Draw(random, tasks, rows, outputs), tensor(weights, [tasks, rows, 1]));
    }
}
