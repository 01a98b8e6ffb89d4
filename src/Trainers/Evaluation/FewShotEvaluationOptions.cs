using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>
/// How few-shot performance is measured: which episodes are drawn. The same options draw the same episodes for every learner or trainer.
/// </summary>
/// <example>
/// <code>
/// // 5-way 1-shot on classes that were not meta-trained on.
/// var metrics = ml.MetaLearning().Classification.Evaluate(
///     learner, rows, new FewShotEvaluationOptions { Tasks = new Episodes { Ways = 5, Shots = 1 }, NumberOfEpisodes = 600, Seed = 1 });
/// </code>
/// </example>
public sealed record FewShotEvaluationOptions
{
    /// <summary>
    /// Label column. Default "Label". If tasks share their classes, the classes of a learner are matched by name; their key values may
    /// differ.
    /// </summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Feature column. Default "Features".</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>
    /// Which episodes to draw: from a <see cref="TaskColumn"/>, which a regression needs, or from classes (<see cref="Episodes"/>, the
    /// default).
    /// </summary>
    public FewShotTasks Tasks { get; init; } = new Episodes();

    /// <summary>
    /// Regression: whether NaN in the label means a missing target, see <see cref="InnerLoopOptions.MissingTargets"/>. Errors are then
    /// averaged over the observed targets. Default false.
    /// </summary>
    public bool MissingTargets { get; init; }

    /// <summary>
    /// Column with the weights of the support rows, Single above 0, for a learner that was meta-trained with weights. Metrics weight all
    /// rows equally. Null (default) if all rows have the same weight.
    /// </summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>Number of episodes, at least 1. Default 600, the usual number in the field.</summary>
    public int NumberOfEpisodes { get; init; } = 600;

    /// <summary>
    /// Inner steps of a learner, at least 0. 0 measures its predictions before adaptation. Null (default) for the number in the learner
    /// file.
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
