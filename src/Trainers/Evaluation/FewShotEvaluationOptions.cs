using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>
/// How few-shot performance is measured: which episodes are drawn. The same options draw the same episodes, whatever is measured on them.
/// </summary>
public sealed record FewShotEvaluationOptions
{
    /// <summary>
    /// Label column. Default "Label". Where tasks share their classes, those of a learner are found by name, whatever their keys are.
    /// </summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Feature column. Default "Features".</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>
    /// Which episodes to draw: of a <see cref="TaskColumn"/>, which a regression needs, or, the default, <see cref="Episodes"/> of classes.
    /// </summary>
    public FewShotTasks Tasks { get; init; } = new Episodes();

    /// <summary>
    /// Regression: whether NaN in the label is a target that was not observed, see <see cref="InnerLoopOptions.MissingTargets"/>; errors
    /// are averaged over the others. Default false.
    /// </summary>
    public bool MissingTargets { get; init; }

    /// <summary>
    /// Column of the support rows' weights, Single above 0, for a learner that was meta-trained with weights; metrics count every row
    /// alike. Null (default) where all weigh the same.
    /// </summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>Number of episodes, at least 1. Default 600, the custom of the field.</summary>
    public int NumberOfEpisodes { get; init; } = 600;

    /// <summary>
    /// Inner steps of a learner; at least 0, 0 for its predictions before adaptation; null (default) for the number that its file says.
    /// </summary>
    public int? AdaptationSteps { get; init; }

    /// <summary>Seed of the episodes. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Stops the evaluation between two episodes.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">Two columns are the same.</exception>
    internal void Validate(bool isClassification)
    {
        var check = default(OptionCheck);
        TaskColumns.CheckOptions(LabelColumnName, FeatureColumnName, Tasks, isClassification, ExampleWeightColumnName);
        if (MissingTargets && isClassification)
        {
            throw TrainerThrow.MissingClasses();
        }

        check.AtLeast(NumberOfEpisodes, 1, nameof(NumberOfEpisodes));
        check.AtLeast(AdaptationSteps ?? 0, 0, nameof(AdaptationSteps));
    }
}
