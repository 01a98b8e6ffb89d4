using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>How few-shot performance is measured: which episodes are drawn. The same options draw the same episodes, whatever is measured on them.</summary>
public sealed record FewShotEvaluationOptions
{
    /// <summary>Label column. Default "Label". Where tasks share their classes, those of a learner are found by name, whatever their keys are.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Feature column. Default "Features".</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>The column that says which task a row belongs to, not the label's or the features' column; null (default) for episodes of classes, which only classification knows.</summary>
    public string? TaskColumnName { get; init; }

    /// <summary>Episodes of classes: classes of a task, at least 2. Default 5.</summary>
    public int Ways { get; init; } = 5;

    /// <summary>Episodes of classes: support rows of each class, at least 1. Default 5.</summary>
    public int Shots { get; init; } = 5;

    /// <summary>Task column: support rows of a task, at least 1. Default 10.</summary>
    public int SupportRows { get; init; } = 10;

    /// <summary>Query rows of a task (of each class for episodes of classes), at least 1. Default 15.</summary>
    public int QueryRows { get; init; } = 15;

    /// <summary>Regression: whether NaN in the label is a target that was not observed, see <see cref="MetaTrainingOptions.MissingTargets"/>; errors are averaged over the others. Default false.</summary>
    public bool MissingTargets { get; init; }

    /// <summary>Number of episodes, at least 1. Default 600, the custom of the field.</summary>
    public int Episodes { get; init; } = 600;

    /// <summary>Inner steps of a learner; at least 0, 0 for its predictions before adaptation; null (default) for the trained number.</summary>
    public int? Steps { get; init; }

    /// <summary>Seed of the episodes. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Stops the evaluation between two episodes.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">Two columns are the same.</exception>
    internal void Validate(bool isClassification)
    {
        if (TaskColumnName is null && !isClassification)
        {
            throw TrainerThrow.TaskColumnNeeded();
        }

        TaskColumns.CheckDifferent(LabelColumnName, FeatureColumnName, TaskColumnName);
        if (MissingTargets && isClassification)
        {
            throw TrainerThrow.MissingClasses();
        }

        AtLeast(Ways, 2, nameof(Ways));
        AtLeast(Shots, 1, nameof(Shots));
        AtLeast(SupportRows, 1, nameof(SupportRows));
        AtLeast(QueryRows, 1, nameof(QueryRows));
        AtLeast(Episodes, 1, nameof(Episodes));
        AtLeast(Steps ?? 0, 0, nameof(Steps));

        static void AtLeast(int value, int minimum, string name)
        {
            if (value < minimum)
            {
                throw Throw.Option(name, value, $"at least {minimum}");
            }
        }
    }
}
