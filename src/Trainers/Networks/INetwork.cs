using System.Collections.Immutable;
using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Networks;

/// <summary>An immutable description of a network: its parameters and its forward pass, without state.</summary>
/// <remarks>
/// Every network is a trunk followed by one linear readout, <c>head.weight</c> <c>[units, outputs]</c> and <c>head.bias</c> <c>[1, outputs]</c>.
/// The trunk's units can be modulated by a gain and a shift each; a network that is not given them is not modulated.
/// </remarks>
internal interface INetwork
{
    /// <summary>Number of input features.</summary>
    int Inputs { get; }

    /// <summary>The trunk's weights and biases.</summary>
    ImmutableArray<ParameterSpec> Trunk { get; }

    /// <summary>Gain (initially 1) and shift (initially 0) of the trunk's units.</summary>
    ImmutableArray<ParameterSpec> Modulation { get; }

    /// <summary>The readout's weights and biases.</summary>
    ImmutableArray<ParameterSpec> Head { get; }

    /// <summary>A description for the learner file, as JSON.</summary>
    string Describe();

    /// <summary>Whether the prediction of a row depends on the other rows that are predicted with it.</summary>
    bool IsTransductive => false;

    /// <summary>What the first layer does before its modulation: features, or <c>[.., rows, features]</c> → <c>[.., rows, anything]</c>. No gain or shift has a part in it.</summary>
    V Enter<V>(IOps<V> ops, Func<string, V> parameters, V features);

    /// <summary>The rest of the trunk: what <see cref="Enter"/> returned → <c>[.., rows, units]</c>; <paramref name="parameters"/> holds weights and, if modulated, gains and shifts.</summary>
    V Embed<V>(IOps<V> ops, Func<string, V> parameters, bool modulated, V entered);
}

/// <summary>The linear readout, which every network ends with, and the passes made of it.</summary>
internal static class Readout
{
    /// <summary><c>[.., rows, units]</c> → <c>[.., rows, outputs]</c>.</summary>
    public static V Of<V>(IOps<V> ops, Func<string, V> parameters, V embedded) =>
        ops.Add(ops.MatMul(embedded, parameters("head.weight")), parameters("head.bias"));

    /// <summary>Trunk and readout: <c>[.., rows, features]</c> → <c>[.., rows, outputs]</c>.</summary>
    public static V Forward<V>(this INetwork network, IOps<V> ops, Func<string, V> parameters, bool modulated, V features) =>
        Of(ops, parameters, network.Trunk(ops, parameters, modulated, features));

    /// <summary>The whole trunk: <c>[.., rows, features]</c> → <c>[.., rows, units]</c>.</summary>
    public static V Trunk<V>(this INetwork network, IOps<V> ops, Func<string, V> parameters, bool modulated, V features) =>
        network.Embed(ops, parameters, modulated, network.Enter(ops, parameters, features));
}
