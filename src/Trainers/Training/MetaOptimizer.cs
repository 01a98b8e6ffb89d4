using System.Numerics.Tensors;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Optimizers;
using MLNetMeta.Transforms.Improving;

namespace MLNetMeta.Trainers.Training;

/// <summary>Updates θ: clips the meta-gradient to a norm, then takes a step of an optimiser, whose state it keeps.</summary>
internal sealed class MetaOptimizer
{
    private readonly IUpdateRule _rule;
    private readonly double? _clipNorm;
    private OptimizerState<HostVector> _state;

    /// <param name="optimizer">The optimiser.</param>
    /// <param name="clipNorm">Largest norm of a gradient; null for no limit.</param>
    /// <param name="size">Numbers in θ.</param>
    public MetaOptimizer(Optimizer optimizer, double? clipNorm, int size)
    {
        _rule = optimizer.Rule();
        _clipNorm = clipNorm;
        _state = Initial(size);
    }

    /// <summary>The state in one fixed order, for a checkpoint.</summary>
    public HostVector[] State => _state.Flatten();

    /// <summary>Takes over a state that <see cref="State"/> gave.</summary>
    public void Restore(HostVector[] state) => _state = _state.With<HostVector>(state);

    /// <summary>Forgets all steps so far.</summary>
    public void Reset(int size) => _state = Initial(size);

    /// <summary>θ after one step.</summary>
    public float[] Step(float[] theta, float[] gradient, double learningRate)
    {
        if (_clipNorm is { } limit && Norm(gradient) is var norm && norm > limit)
        {
            var clipped = new float[gradient.Length];
            TensorPrimitives.Multiply(gradient, (float)(limit / norm), clipped);
            gradient = clipped;
        }

        (var updated, _state) = _rule.Step(HostVectorOps.Instance, [theta], [gradient], _state, learningRate);
        return updated[0].Elements!;
    }

    /// <summary>Euclidean norm.</summary>
    public static double Norm(float[] vector) => GradientSum.Norm(vector);

    private OptimizerState<HostVector> Initial(int size) => _rule.Initial(HostVectorOps.Instance, [new float[size]]);
}
