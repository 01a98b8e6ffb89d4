using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>
/// First-order MAML (Finn et al., 2017): ĝ = ∂θ L_out + (∂φ⁽⁰⁾/∂θ)ᵀ ∇φ L_out(φ̂), as if
/// adaptation were a shift that does not depend on its start.
/// </summary>
/// <remarks>Cost: the free phase and one gradient. Learned strengths λ get no gradient.</remarks>
internal sealed class FirstOrderRule(Phase free) : IMetaGradientRule
{
    public string Name => "first-order MAML";

    public MetaGradient Estimate(ILearner learner, Parameters theta, EpisodeBatch batch, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch, cancellation);
        var end = Settle.Run(problem, problem.InitialFast(), 0, free);
        var after = problem.At(free.Steps);
        var start = problem.StartProduct(after.EvaluationFastGradient(end.Phi));
        var gradient = after.EvaluationSlowGradient(end.Phi).Zip(start, (direct, through) => direct.Plus(through)).ToArray();
        return new MetaGradient(new Parameters(theta.Values.With(gradient)), after.EvaluationLoss(end.Phi), end.Residual, 0);
    }
}
