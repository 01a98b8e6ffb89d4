using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>Options of the learners whose fast parameters are pulled to consolidated ones: complex synapse and dual system.</summary>
public abstract record ConsolidationOptions : InnerLoopOptions
{
    private protected ConsolidationOptions()
    {
    }

    /// <summary>
    /// Whether the support rows of a task share the pull λ of its fast parameters to the slow ones. True (default): λ/n for n rows, a
    /// prior that counts about as much as λ rows do, so that one learner serves tasks of few and of many rows. False: λ, as in the paper.
    /// </summary>
    public bool PullPerRow { get; init; } = true;

    /// <summary>
    /// Whether each fast parameter learns its inner step size (Meta-SGD, Li et al., 2017); only the unrolled rule can. Default false.
    /// </summary>
    public bool LearnInnerRates { get; init; }

    internal override void Validate(bool isClassification)
    {
        base.Validate(isClassification);
        if (LearnInnerRates && !Rule.SeesSteps)
        {
            throw TrainerThrow.RuleCannotServe(
                Rule.Name, $"{nameof(LearnInnerRates)}, since what it sees does not depend on step sizes", "use Unrolled");
        }
    }

    private protected string RatesInWords => LearnInnerRates ? "rates learned" : "rates fixed";

    private protected string PullInWords => PullPerRow ? " per row" : "";
}
