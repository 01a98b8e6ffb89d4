using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>The contrastive rule (Zucchet et al., 2022, eqs. 4–6): run the learning algorithm free and nudged, and compare.</summary>
/// <remarks>
/// <para>ĝ = (1/β) Σₖ wₖ · ∂θ 𝓛(φ̂(kβ), θ; kβ) with the nodes k and weights w of a <see cref="Stencil"/>.</para>
/// <para>Cost: one free phase and one nudged phase for each node beside 0; no second derivatives, no stored trajectory. Each nudged phase
/// starts at the free equilibrium with a fresh optimiser state, and all run for the same number of steps, so that errors of the phases
/// common to them cancel. With mini-batches they see the same ones, and what comes after the phases is of one mini-batch.</para>
/// </remarks>
internal sealed class ContrastiveRule(Stencil stencil, double beta, Phase free, Phase nudged) : IMetaGradientRule
{
    public string Name => "contrastive";

    public MetaGradient Estimate(ILearner learner, Parameters theta, EpisodeBatch batch, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch, cancellation);
        var freeEnd = Settle.Run(problem, problem.InitialFast(), 0, free);

        var after = problem.At(free.Steps);
        var ends = new List<PhaseEnd<Tensor>>();
        var nudgedResidual = 0.0;
        foreach (var (node, weight) in stencil.Terms)
        {
            var end = node == 0 ? freeEnd : Settle.Run(problem, freeEnd.Phi, node * beta, nudged);
            ends.Add(new PhaseEnd<Tensor>(end.Phi, node * beta, weight / beta));
            nudgedResidual = node == 0 ? nudgedResidual : Math.Max(nudgedResidual, end.Residual);
        }

        return new MetaGradient(
            new Parameters(theta.Values.With(after.SlowGradient(ends))), after.EvaluationLoss(freeEnd.Phi), freeEnd.Residual,
            nudgedResidual);
    }
}
