namespace MLNetMeta.Trainers;

/// <summary>The nonlinearity of a network's hidden units.</summary>
public enum Activation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>
    /// x · Φ(x), with Φ the cumulative distribution function of the standard normal distribution (Hendrycks and Gimpel, 2016).
    /// </summary>
    Gelu,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>x · sigmoid(x), also called swish.</summary>
    Silu,
}
