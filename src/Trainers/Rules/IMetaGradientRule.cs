using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>A rule that estimates ∇θ Σ_tasks L_out(φ̂(θ), θ).</summary>
internal interface IMetaGradientRule
{
    /// <summary>The rule's name for logs and tables.</summary>
    string Name { get; }

    /// <summary>
    /// The estimate for the tasks of one batch, SUMMED over them. Thread-safe. Cancellation
    /// is asked for at every step of a phase or a solver.
    /// </summary>
    MetaGradient Estimate(ILearner learner, Parameters theta, EpisodeBatch batch, CancellationToken cancellation = default);
}
