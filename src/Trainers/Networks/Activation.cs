using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Networks;

/// <summary>The nonlinearity of a network's hidden units.</summary>
public enum Activation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>x · Φ(x) with the normal distribution function Φ (Hendrycks and Gimpel, 2016).</summary>
    Gelu,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>x · sigmoid(x), also called swish.</summary>
    Silu,
}

internal static class Activations
{
    /// <summary>One row per activation: its formula and the gain of Kaiming's initialisation (He et al., 2015).</summary>
    public static V Apply<V>(this Activation activation, IOps<V> ops, V x) => activation switch
    {
        Activation.Relu => ops.Relu(x),
        Activation.Tanh => ops.Tanh(x),
        Activation.Gelu => ops.Multiply(ops.Scale(x, 0.5), ops.Shift(ops.Erf(ops.Scale(x, Math.Sqrt(0.5))), 1)),
        Activation.Sigmoid => ops.Sigmoid(x),
        Activation.Silu => ops.Multiply(x, ops.Sigmoid(x)),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };

    public static double InitialGain(this Activation activation) => activation switch
    {
        Activation.Tanh => 5.0 / 3,
        Activation.Sigmoid => 1,
        _ => Math.Sqrt(2),
    };
}
