using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>Options of the learners that pull fast parameters towards consolidated ones: complex synapse and dual system.</summary>
public abstract record ConsolidationOptions : InnerLoopOptions
{
    private protected ConsolidationOptions()
    {
    }

    /// <summary>
    /// Whether the support rows of a task share the pull λ of its fast parameters towards the slow ones. True (default): the pull is λ/n
    /// for n rows. It acts as a prior with about the weight of λ rows, so that one learner works for tasks with few and with many rows.
    /// False: the pull is λ, as in the paper.
    /// </summary>
    public bool PullPerRow { get; init; } = true;

    /// <summary>
    /// Whether each fast parameter learns its inner step size (Meta-SGD, Li et al., 2017). Only the unrolled rule supports this. Default
    /// false.
    /// </summary>
    public bool LearnInnerRates { get; init; }

    internal override void Validate(bool isClassification)
    {
        base.Validate(isClassification);
        if (LearnInnerRates && !Rule.SeesSteps)
        {
            throw TrainerThrow.RuleCannotServe(
                Rule.Name, $"{nameof(LearnInnerRates)}, because the rule has no gradient for step sizes", "use Unrolled");
        }
    }

    private protected string RatesInWords => LearnInnerRates ? "rates learned" : "rates fixed";

    private protected string PullInWords => PullPerRow ? " per row" : "";
}
