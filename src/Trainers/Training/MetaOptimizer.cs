using MLNetMeta.Trainers.Optimizers;
using MLNetMeta.Trainers.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Training;

/// <summary>Updates θ: clips the meta-gradient to a norm, then takes a step of an optimiser. Owner of its state.</summary>
internal sealed class MetaOptimizer : IDisposable
{
    private readonly IUpdateRule _rule;
    private readonly double? _clipNorm;
    private OptimizerState<Tensor> _state;

    public MetaOptimizer(Optimizer optimizer, double? clipNorm, Parameters theta)
    {
        _rule = optimizer.Rule();
        _clipNorm = clipNorm;
        using var scope = NewDisposeScope();
        _state = Detach(_rule.Initial(TorchOps.Instance, theta.Values.Values));
    }

    /// <summary>The state's tensors in one fixed order, for a checkpoint.</summary>
    public Tensor[] State => _state.Flatten();

    /// <summary>Takes over a state that <see cref="State"/> gave.</summary>
    public void Restore(Tensor[] state)
    {
        var old = _state;
        _state = old.With<Tensor>(state.Select(t => t.DetachFromDisposeScope()).ToArray());
        Dispose(old);
    }

    /// <summary>Forgets all steps so far.</summary>
    public void Reset(Parameters theta)
    {
        using var scope = NewDisposeScope();
        var old = _state;
        _state = Detach(_rule.Initial(TorchOps.Instance, theta.Values.Values));
        Dispose(old);
    }

    /// <summary>θ after one step; the arguments stay the caller's.</summary>
    public Parameters Step(Parameters theta, Parameters gradient, double learningRate)
    {
        using var scope = NewDisposeScope();
        var direction = gradient.Values.Values;
        if (_clipNorm is { } limit && gradient.Norm() is var norm && norm > limit)
        {
            direction = Array.ConvertAll(direction, g => g.Times(limit / norm));
        }

        var old = _state;
        var (updated, state) = _rule.Step(TorchOps.Instance, theta.Values.Values, direction, old, learningRate);
        _state = Detach(state);
        Dispose(old);
        return new Parameters(theta.Values.With(updated));
    }

    public void Dispose() => Dispose(_state);

    private static OptimizerState<Tensor> Detach(OptimizerState<Tensor> state) =>
        state.With<Tensor>(Array.ConvertAll(state.Flatten(), t => t.DetachFromDisposeScope()));

    private static void Dispose(OptimizerState<Tensor> state)
    {
        foreach (var tensor in state.Flatten())
        {
            tensor.Dispose();
        }
    }
}
