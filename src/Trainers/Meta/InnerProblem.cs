using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Meta;

/// <summary>A learner with its slow parameters in front of a batch of tasks: what a phase settles and a rule differentiates.</summary>
/// <remarks>Tensors belong to the caller's dispose scope.</remarks>
internal sealed class InnerProblem(ILearner learner, NamedValues<Tensor> theta, EpisodeBatch batch)
{
    private readonly NamedValues<Tensor> _consolidated = learner.Consolidated(TorchOps.Instance, theta);

    public ILearner Learner => learner;

    public NamedValues<Tensor> Theta => theta;

    public EpisodeBatch Batch => batch;

    /// <summary>The same problem over copies of θ that autograd watches.</summary>
    public InnerProblem Watched() => new(learner, theta.Select(t => t.detach().clone().requires_grad_()), batch);

    /// <summary>φ before learning.</summary>
    public NamedValues<Tensor> InitialFast() => learner.InitialFast(TorchOps.Instance, _consolidated, batch.Support);

    /// <summary>∂φ 𝓛_β.</summary>
    public Tensor[] FastGradient(NamedValues<Tensor> phi, double beta) =>
        AugmentedLoss.FastGradient(TorchOps.Instance, learner, phi, _consolidated, batch.Support, batch.Query, beta);

    /// <summary>Where the inner optimiser goes, given the gradient.</summary>
    public Tensor[] Direction(Tensor[] gradient) => learner.Direction(TorchOps.Instance, gradient, _consolidated);

    /// <summary>∂θ 𝓛_β at fixed φ.</summary>
    public Tensor[] SlowGradient(NamedValues<Tensor> phi, double beta) =>
        AugmentedLoss.SlowGradient(TorchOps.Instance, learner, phi, theta, batch.Support, batch.Query, beta);

    /// <summary>∂φ L_out.</summary>
    public Tensor[] EvaluationFastGradient(NamedValues<Tensor> phi) =>
        AugmentedLoss.EvaluationFastGradient(TorchOps.Instance, learner, phi, _consolidated, batch.Query);

    /// <summary>∂θ L_out at fixed φ.</summary>
    public Tensor[] EvaluationSlowGradient(NamedValues<Tensor> phi) =>
        AugmentedLoss.EvaluationSlowGradient(TorchOps.Instance, learner, phi, theta, batch.Query);

    /// <summary>L_out(φ, θ), summed over tasks; rank 0.</summary>
    public Tensor EvaluationLossTensor(NamedValues<Tensor> phi) => learner.EvaluationLoss(TorchOps.Instance, phi, _consolidated, batch.Query);

    /// <summary>L_out(φ, θ), summed over tasks.</summary>
    public double EvaluationLoss(NamedValues<Tensor> phi)
    {
        using var scope = NewDisposeScope();
        return EvaluationLossTensor(phi).ToDouble();
    }

    /// <summary><c>[tasks, rows, outputs]</c>.</summary>
    public Tensor Predict(NamedValues<Tensor> phi, Tensor features) =>
        learner.Predict(TorchOps.Instance, phi, _consolidated, features);
}
