using System.Collections.Immutable;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Networks;

namespace MLNetMeta.Trainers;

/// <summary>An <see cref="INetwork"/> with a linear readout, and with gains and shifts that can modulate its stages.</summary>
/// <remarks>
/// <para>
/// h ← after(before(h) · gain + shift) stage by stage, then embedding · <c>head.weight</c> + <c>head.bias</c>. Gains and shifts are used as
/// in CAVIA (Zintgraf et al., 2019) and in section 3.4 of the paper.
/// </para>
/// <para>
/// The first stages can be left without modulation. Then everything up to <see cref="INetwork.BeforeModulation"/> of the first modulated
/// stage depends only on slow parameters. <see cref="Encode"/> computes it once per task and not in every inner step.
/// </para>
/// </remarks>
public sealed class Network : INetworkDescription
{
    internal const string HeadPrefix = "head.";

    private const string Weight = HeadPrefix + "weight", Bias = HeadPrefix + "bias";

    private readonly INetwork _body;

    /// <summary>Adds a readout to a network.</summary>
    /// <param name="body">The network up to its readout.</param>
    /// <param name="outputs">Number of outputs, at least 1; null for one output per class of the current task.</param>
    /// <exception cref="ArgumentNullException"><paramref name="body"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Outputs or units are below 1.</exception>
    /// <exception cref="ArgumentException">Parameter names clash, a stage has no name, or a length is below 1.</exception>
    public Network(INetwork body, int? outputs)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfLessThan(body.Units, 1);
        if (body.Stages.IsDefault || body.Stages.Any(stage => string.IsNullOrWhiteSpace(stage.Name) || stage.Units < 1))
        {
            throw TrainerThrow.Stages();
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(outputs ?? 1, 1, nameof(outputs));
        ParameterCheck.Run("network", body.Parameters);
        (_body, Outputs, Trunk) = (body, outputs, body.Parameters);
        Modulation = [.. body.Stages.SelectMany(stage => new[]
        {
            new ParameterSpec($"{stage.Name}.gain", [1, stage.Units]) { InitialMean = 1 }, new($"{stage.Name}.shift", [1, stage.Units]),
        })];
        Head =
        [
            new(Weight, [body.Units, outputs ?? 1]) { InitialDeviation = 1 / Math.Sqrt(body.Units), IsPerClass = outputs is null },
            new(Bias, [1, outputs ?? 1]) { IsPerClass = outputs is null },
        ];
        ParameterCheck.Run("network", [.. Trunk, .. Modulation, .. Head]);
    }

    /// <summary>The type of the network up to its readout.</summary>
    internal Type BodyType => _body.GetType();

    /// <summary>Number of input features.</summary>
    public int Inputs => _body.Inputs;

    /// <summary>Number of outputs; null for one output per class of the current task.</summary>
    public int? Outputs { get; }

    /// <summary>Number of stages.</summary>
    public int Stages => _body.Stages.Length;

    /// <inheritdoc/>
    public bool IsTransductive => _body.IsTransductive;

    /// <summary>Weights and biases below the readout.</summary>
    public ImmutableArray<ParameterSpec> Trunk { get; }

    /// <summary>Gain (initially 1) and shift (initially 0) of the units of each stage, in the order of the stages.</summary>
    public ImmutableArray<ParameterSpec> Modulation { get; }

    /// <summary>The readout: <c>head.weight</c> <c>[units, outputs]</c> and <c>head.bias</c> <c>[1, outputs]</c>.</summary>
    public ImmutableArray<ParameterSpec> Head { get; }

    /// <inheritdoc/>
    public string Describe() => _body.Describe();

    /// <summary>The whole forward pass without modulation: <c>[.., rows, features]</c> → <c>[.., rows, outputs]</c>.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="parameters">The value of a parameter by its name: shared by all tasks, or one for each task.</param>
    /// <param name="features"><c>[.., rows, features]</c>.</param>
    /// <typeparam name="V">Type of the backend's values.</typeparam>
    public V Forward<V>(Ops<V> ops, Func<string, V> parameters, V features) =>
        Decode(ops, parameters, Stages, Encode(ops, parameters, Stages, features));

    /// <summary>Runs the pass up to the modulation of a stage. If the number of stages is given, the result is the embedding.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="parameters">The value of a parameter by its name.</param>
    /// <param name="firstModulated">The first stage that is modulated, from 0 to the number of stages.</param>
    /// <param name="features"><c>[.., rows, features]</c>.</param>
    /// <typeparam name="V">Type of the backend's values.</typeparam>
    public V Encode<V>(Ops<V> ops, Func<string, V> parameters, int firstModulated, V features)
    {
        Check(firstModulated);
        var h = _body.Enter(ops, features);
        for (var stage = 0; stage < firstModulated; stage++)
        {
            h = _body.AfterModulation(ops, parameters, stage, _body.BeforeModulation(ops, parameters, stage, h));
        }

        return firstModulated < Stages ? _body.BeforeModulation(ops, parameters, firstModulated, h) : _body.Leave(ops, h);
    }

    /// <summary>Runs the rest of the pass, from the result of <see cref="Encode"/> to the outputs <c>[.., rows, outputs]</c>.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="parameters">The value of a parameter by its name, including gains and shifts of the modulated stages.</param>
    /// <param name="firstModulated">The first stage that is modulated, as passed to <see cref="Encode"/>.</param>
    /// <param name="encoded">The result of <see cref="Encode"/>.</param>
    /// <typeparam name="V">Type of the backend's values.</typeparam>
    public V Decode<V>(Ops<V> ops, Func<string, V> parameters, int firstModulated, V encoded)
    {
        Check(firstModulated);
        var h = encoded;
        for (var stage = firstModulated; stage < Stages; stage++)
        {
            h = stage == firstModulated ? h : _body.BeforeModulation(ops, parameters, stage, h);
            var (gain, shift) = (Modulation[2 * stage].Name, Modulation[(2 * stage) + 1].Name);
            h = _body.AfterModulation(ops, parameters, stage, ops.Add(ops.Multiply(h, parameters(gain)), parameters(shift)));
        }

        var embedded = firstModulated < Stages ? _body.Leave(ops, h) : h;
        return ops.Add(ops.MatMul(embedded, parameters(Weight)), parameters(Bias));
    }

    private void Check(int firstModulated)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstModulated);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstModulated, Stages);
    }
}
