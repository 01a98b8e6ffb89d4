using System.Collections.Immutable;

namespace MLNetMeta.Trainers;

/// <summary>A network up to its linear readout: its parameters and its forward pass, without state.</summary>
/// <remarks>
/// <para>
/// The forward pass is a chain of stages. Each stage has two parts. After the first part, <see cref="BeforeModulation"/>, a dual system
/// multiplies each unit by a gain and adds a shift. The second part, <see cref="AfterModulation"/>, is the rest, such as the nonlinearity.
/// Each part can use everything that <see cref="Ops{V}"/> can express: a residual connection, a convolution, a recurrence. A complex
/// synapse does not modulate; it calls the two parts one after the other.
/// </para>
/// <para>
/// <see cref="Network"/> adds the readout. Use <see cref="CustomNetwork"/> to pass a network of one's own to a trainer. Use
/// <c>LearnerContract</c> of MLNetMeta.Trainers.Testing to check it.
/// </para>
/// </remarks>
public interface INetwork : INetworkDescription
{
    /// <summary>Number of units of the embedding, at least 1. The readout is linear in the embedding.</summary>
    int Units { get; }

    /// <summary>The stages, in order; may be empty.</summary>
    ImmutableArray<NetworkStage> Stages { get; }

    /// <summary>
    /// Weights and biases. Their names must be unique. They must not begin with <c>head.</c>, which is reserved for the readout, or end
    /// with <c>.gain</c> or <c>.shift</c>.
    /// </summary>
    ImmutableArray<ParameterSpec> Parameters { get; }

    /// <summary>Brings features <c>[.., rows, features]</c> into the form that the first stage takes. Default: no change.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="features"><c>[.., rows, features]</c>.</param>
    /// <typeparam name="V">Type of the backend's values.</typeparam>
    V Enter<V>(Ops<V> ops, V features) => features;

    /// <summary>The part of a stage before its modulation. The last axis of the result holds the units.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="parameters">The value of a parameter by its name: shared by all tasks, or one for each task.</param>
    /// <param name="stage">The stage, counted from 0.</param>
    /// <param name="h">The result of the previous stage, or of <see cref="Enter"/>.</param>
    /// <typeparam name="V">Type of the backend's values.</typeparam>
    V BeforeModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h);

    /// <summary>The part of a stage after its modulation.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="parameters">The value of a parameter by its name.</param>
    /// <param name="stage">The stage, counted from 0.</param>
    /// <param name="h">The result of <see cref="BeforeModulation"/>, modulated or not.</param>
    /// <typeparam name="V">Type of the backend's values.</typeparam>
    V AfterModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h);

    /// <summary>Brings the result of the last stage into the form of an embedding <c>[.., rows, units]</c>. Default: no change.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="h">The result of the last stage.</param>
    /// <typeparam name="V">Type of the backend's values.</typeparam>
    V Leave<V>(Ops<V> ops, V h) => h;
}
