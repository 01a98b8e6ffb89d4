using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Spiking;

namespace MLNetMeta.Trainers;

/// <summary>A layer of recurrently connected leaky integrate-and-fire neurons with a leaky linear readout.</summary>
public sealed record SpikingNetwork
{
    /// <summary>Number of spiking neurons, at least 1. Default 100.</summary>
    public int Neurons { get; init; } = 100;

    /// <summary>
    /// How features are encoded as spikes. Null if the features already are spikes: <see cref="TimeSteps"/> · input neurons values, time
    /// step by time step. Default: <see cref="PopulationCode"/> with its defaults.
    /// </summary>
    public PopulationCode? Encoding { get; init; } = new();

    /// <summary>Number of time steps for which a row is presented, at least 1. Default 20.</summary>
    public int TimeSteps { get; init; } = 20;

    /// <summary>Time constant of the membrane potentials, in time steps, above 0. Default 30.</summary>
    public double MembraneTimeConstant { get; init; } = 30;

    /// <summary>Time constant of the readout, in time steps, above 0. Default 30.</summary>
    public double ReadoutTimeConstant { get; init; } = 30;

    /// <summary>The potential above which a neuron spikes, above 0. A spike lowers the potential by the same amount. Default 0.1.</summary>
    public double Threshold { get; init; } = 0.1;

    internal void Validate()
    {
        var check = new OptionCheck("Network");
        check.AtLeast(Neurons, 1, nameof(Neurons));
        check.AtLeast(TimeSteps, 1, nameof(TimeSteps));
        check.Positive(MembraneTimeConstant, nameof(MembraneTimeConstant));
        check.Positive(ReadoutTimeConstant, nameof(ReadoutTimeConstant));
        check.Positive(Threshold, nameof(Threshold));
        if (Encoding is not { } code)
        {
            return;
        }

        var encoding = new OptionCheck("Network.Encoding");
        encoding.AtLeast(code.Neurons, 2, nameof(PopulationCode.Neurons));
        encoding.Positive(code.Width, nameof(PopulationCode.Width));
        var isRange = code is { Minimum: { } low, Maximum: { } high } && low < high && double.IsFinite(high - low);
        encoding.Within(
            FormattableString.Invariant($"{code.Minimum} to {code.Maximum}"), isRange || (code.Minimum is null && code.Maximum is null),
            nameof(PopulationCode.Minimum), "a finite number below Maximum, or both null for the range of the rows");
    }

    /// <exception cref="InvalidOperationException">The features are no whole spike trains.</exception>
    internal SpikingNet Create(int features, string featureColumnName, int outputs, int seed)
    {
        if (Encoding is null && features % TimeSteps != 0)
        {
            throw TrainerThrow.NoWholeSpikeTrains(featureColumnName, features, TimeSteps);
        }

        return new SpikingNet(
            new SpikeEncoder(features, TimeSteps, Encoding, seed),
            new SpikingDynamics(TimeSteps, MembraneTimeConstant, ReadoutTimeConstant, Threshold), Neurons, outputs);
    }

    internal string Describe() =>
        FormattableString.Invariant($"{Neurons} neurons, {TimeSteps} steps, time constants {MembraneTimeConstant} and ")
        + FormattableString.Invariant($"{ReadoutTimeConstant}, threshold {Threshold}, {Encoding?.ToString() ?? "spikes"}");
}
