using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Meta;

/// <summary>A rule that estimates ∇θ Σ_tasks L_out(φ̂(θ), θ).</summary>
internal interface IMetaGradientRule
{
    /// <summary>The rule's name for logs and tables.</summary>
    string Name { get; }

    /// <summary>The estimate for the tasks of one batch, SUMMED over them. Thread-safe. Cancellation is asked for at every step of a phase or a solver.</summary>
    MetaGradient Estimate(ILearner learner, Parameters theta, EpisodeBatch batch, CancellationToken cancellation = default);
}

/// <summary>A rule's answer for a batch of tasks.</summary>
/// <param name="Gradient">ĝ, summed over tasks; in the order of θ.</param>
/// <param name="EvaluationLoss">L_out after adaptation, summed over tasks.</param>
/// <param name="FreeResidual">See <see cref="Equilibrium.Residual"/>.</param>
/// <param name="NudgedResidual">The largest residual of the nudged phases; 0 for rules without.</param>
internal sealed record MetaGradient(Parameters Gradient, double EvaluationLoss, double FreeResidual, double NudgedResidual) : IDisposable
{
    public void Dispose() => Gradient.Dispose();
}
