using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>Implicit differentiation: ĝ = ∂θ L_out − (∂²L_in/∂θ∂φ)ᵀ v with H v = ∇φ L_out, H = ∂²L_in/∂φ².</summary>
/// <remarks>
/// With conjugate gradients the rule of iMAML (Rajeswaran et al., 2019), with a Neumann series recurrent backpropagation, with v = ∇φ L_out
/// T1-T2. Cost: the free phase and one Hessian-vector product (about two gradients) per solver step; memory does not grow with either.
/// Assumes that the free phase has settled. With mini-batches the linear system is that of one mini-batch.
/// </remarks>
internal sealed class ImplicitRule(ILinearSolver solver, Phase free) : IMetaGradientRule
{
    public string Name => solver.Name;

    public MetaGradient Estimate(ILearner learner, Parameters theta, EpisodeBatch batch, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch, cancellation);
        var end = Settle.Run(problem, problem.InitialFast(), 0, free);

        var after = problem.At(free.Steps);
        var watched = after.Watched();
        var phi = end.Phi.Select(t => t.detach().requires_grad_());
        var learning = watched.FastGradient(phi, 0);
        var evaluation = Array.ConvertAll(after.EvaluationFastGradient(end.Phi), g => g.detach());
        var v = solver.Solve(Product, evaluation);
        var mixed = Autograd.Product(learning, watched.Theta.Values, v);
        var direct = after.EvaluationSlowGradient(end.Phi);
        var gradient = direct.Zip(mixed, (d, m) => d.Minus(m)).ToArray();
        return new MetaGradient(new Parameters(theta.Values.With(gradient)), after.EvaluationLoss(end.Phi), end.Residual, 0);

        Tensor[] Product(Tensor[] direction)
        {
            cancellation.ThrowIfCancellationRequested();
            return Autograd.Product(learning, phi.Values, direction);
        }
    }
}
