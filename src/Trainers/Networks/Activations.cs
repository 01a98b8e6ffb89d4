using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Networks;

/// <summary>What an <see cref="Activation"/> computes.</summary>
internal static class Activations
{
    /// <summary>One row per activation: its formula and the gain of Kaiming's initialisation (He et al., 2015).</summary>
    public static V Apply<V>(this Activation activation, Ops<V> ops, V x) => activation switch
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
