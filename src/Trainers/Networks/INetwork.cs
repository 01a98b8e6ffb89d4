using System.Collections.Immutable;

namespace MLNetMeta.Trainers;

/// <summary>A network up to its linear readout: its parameters and its forward pass, without state.</summary>
/// <remarks>
/// <para>
/// The forward pass is a chain of stages. The first part of a stage, <see cref="BeforeModulation"/>, ends where a dual system multiplies
/// each unit by a gain and adds a shift; the second part, <see cref="AfterModulation"/>, is the rest, such as the nonlinearity. Inside each
/// part anything goes that <see cref="Ops{V}"/> can express: a residual connection, a convolution, a recurrence. A complex synapse does not
/// modulate; it calls the two parts one after the other.
/// </para>
/// <para>
/// The readout is added by <see cref="Network"/>. Use <see cref="CustomNetwork"/> to give a network of one's own to a trainer, and
/// <c>LearnerContract</c> of MLNetMeta.Trainers.Testing to check it.
/// </para>
/// </remarks>
public interface INetwork : INetworkDescription
{
    /// <summary>Units of the embedding, which the readout is linear in; at least 1.</summary>
    int Units { get; }

    /// <summary>The stages, in order; may be empty.</summary>
    ImmutableArray<NetworkStage> Stages { get; }

    /// <summary>
    /// Weights and biases. Names must be different, and not begin with <c>head.</c>, which the readout's do, nor end with <c>.gain</c> or
    /// <c>.shift</c>.
    /// </summary>
    ImmutableArray<ParameterSpec> Parameters { get; }

    /// <summary>Features <c>[.., rows, features]</c> in the form that the first stage takes. Default: as they are.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="features"><c>[.., rows, features]</c>.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V Enter<V>(Ops<V> ops, V features) => features;

    /// <summary>The part of a stage before its modulation; units are the last axis of the result.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="parameters">The value of a parameter by its name: shared by all tasks, or one for each task.</param>
    /// <param name="stage">The stage, counted from 0.</param>
    /// <param name="h">What the stage before gave, or <see cref="Enter"/>.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V BeforeModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h);

    /// <summary>The rest of a stage.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="parameters">The value of a parameter by its name.</param>
    /// <param name="stage">The stage, counted from 0.</param>
    /// <param name="h">What <see cref="BeforeModulation"/> gave, modulated or not.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V AfterModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h);

    /// <summary>What the last stage gave as an embedding <c>[.., rows, units]</c>. Default: as it is.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="h">What the last stage gave.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V Leave<V>(Ops<V> ops, V h) => h;
}
