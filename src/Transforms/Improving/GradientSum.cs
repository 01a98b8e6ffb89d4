using System.Numerics.Tensors;

namespace MLNetMeta.Transforms.Improving;

/// <summary>A sum of gradients with the length of θ. Each gradient is clipped and weighted.</summary>
internal sealed class GradientSum(int length)
{
    /// <summary>The sum so far.</summary>
    public float[] Numbers { get; } = new float[length];

    /// <summary>Adds weight · gradient. If the gradient's norm is larger than the clipping norm, the gradient is scaled down
    /// first.</summary>
    public void Add(ReadOnlySpan<float> gradient, double weight = 1, double? clippingNorm = null)
    {
        var norm = Norm(gradient);
        var factor = clippingNorm is { } limit && norm > limit ? weight * limit / norm : weight;
        TensorPrimitives.MultiplyAdd(gradient, (float)factor, Numbers, Numbers);
    }

    /// <summary>Euclidean norm.</summary>
    public static double Norm(ReadOnlySpan<float> gradient)
    {
        var squares = 0.0;
        foreach (var number in gradient)
        {
            squares += (double)number * number;
        }

        return Math.Sqrt(squares);
    }
}
