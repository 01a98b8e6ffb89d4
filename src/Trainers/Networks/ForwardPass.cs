using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Networks;

/// <summary>
/// The forward pass of any network: h ← activate(affine(h) · gain + shift) layer by layer, then a linear readout. Gains and shifts as in
/// CAVIA and the paper's section 3.4.
/// </summary>
/// <remarks>
/// The first layers may go without modulation. Then all up to the affine part of the first modulated one depends on slow parameters alone:
/// <see cref="BeforeModulation"/>, which needs to be computed once for a task and not in every inner step.
/// </remarks>
internal static class ForwardPass
{
    /// <summary>Unmodulated: <c>[.., rows, features]</c> → <c>[.., rows, outputs]</c>.</summary>
    public static V Plain<V>(INetwork network, IOps<V> ops, Func<string, V> parameters, V features) =>
        AfterModulation(network, ops, parameters, network.Layers, BeforeModulation(network, ops, parameters, network.Layers, features));

    /// <summary>
    /// The pass up to the modulation of layer <paramref name="first"/>; the whole trunk, <c>[.., rows, units]</c>, if
    /// <paramref name="first"/> is the number of layers.
    /// </summary>
    public static V BeforeModulation<V>(INetwork network, IOps<V> ops, Func<string, V> parameters, int first, V features)
    {
        var h = network.Enter(ops, features);
        for (var layer = 0; layer < first; layer++)
        {
            h = network.Activate(ops, layer, network.Affine(ops, parameters, layer, h));
        }

        return first < network.Layers ? network.Affine(ops, parameters, first, h) : network.Leave(ops, h);
    }

    /// <summary>The rest of the pass, up to the outputs <c>[.., rows, outputs]</c>.</summary>
    public static V AfterModulation<V>(INetwork network, IOps<V> ops, Func<string, V> parameters, int first, V h)
    {
        for (var layer = first; layer < network.Layers; layer++)
        {
            h = layer == first ? h : network.Affine(ops, parameters, layer, h);
            var (gain, shift) = (network.Modulation[2 * layer].Name, network.Modulation[(2 * layer) + 1].Name);
            h = network.Activate(ops, layer, ops.Add(ops.Multiply(h, parameters(gain)), parameters(shift)));
        }

        var embedded = first < network.Layers ? network.Leave(ops, h) : h;
        return ops.Add(ops.MatMul(embedded, parameters("head.weight")), parameters("head.bias"));
    }
}
