using System.Collections.Immutable;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Networks;

/// <summary>An immutable layered network: its parameters and its forward pass, without state.</summary>
/// <remarks>
/// Every network is a trunk followed by one linear readout, <c>head.weight</c> <c>[units, outputs]</c> and <c>head.bias</c> <c>[1,
/// outputs]</c>. The trunk's units can be modulated by a gain and a shift each; a network that is not given them is not modulated.
/// </remarks>
internal interface INetwork : INetworkDescription
{
    /// <summary>Number of the trunk's layers; at least 0.</summary>
    int Layers { get; }

    /// <summary>The trunk's weights and biases.</summary>
    ImmutableArray<ParameterSpec> Trunk { get; }

    /// <summary>Gain (initially 1) and shift (initially 0) of the units of each layer, in the order of the layers.</summary>
    ImmutableArray<ParameterSpec> Modulation { get; }

    /// <summary>The readout's weights and biases.</summary>
    ImmutableArray<ParameterSpec> Head { get; }

    /// <summary>Features <c>[.., rows, features]</c> in the form that the first layer takes.</summary>
    V Enter<V>(IOps<V> ops, V features);

    /// <summary>
    /// What a layer, counted from 0, does before its modulation: weights, normalisation and bias; units are the last axis of the result.
    /// </summary>
    V Affine<V>(IOps<V> ops, Func<string, V> parameters, int layer, V h);

    /// <summary>What a layer does after its modulation: the nonlinearity and what may follow it.</summary>
    V Activate<V>(IOps<V> ops, int layer, V h);

    /// <summary>What the last layer returned as <c>[.., rows, units]</c>.</summary>
    V Leave<V>(IOps<V> ops, V h);
}
