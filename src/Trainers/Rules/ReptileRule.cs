using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>Reptile (Nichol et al., 2018): ĝ = (∂φ⁽⁰⁾/∂θ)ᵀ (φ⁽⁰⁾ − φ̂), so that the start moves to where adaptation ends.</summary>
/// <remarks>Cost: the free phase. Follows no evaluation loss and uses no query rows; serves slow parameters that φ starts from.</remarks>
internal sealed class ReptileRule(Phase free) : IMetaGradientRule
{
    public string Name => "Reptile";

    public MetaGradient Estimate(ILearner learner, Parameters theta, EpisodeBatch batch, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch, cancellation);
        var start = problem.InitialFast();
        var end = Settle.Run(problem, start, 0, free);
        var gradient = problem.StartProduct([.. start.Values.Zip(end.Phi.Values, (from, to) => from.Minus(to))]);
        return new MetaGradient(
            new Parameters(theta.Values.With(gradient)), problem.At(free.Steps).EvaluationLoss(end.Phi), end.Residual, 0);
    }
}
