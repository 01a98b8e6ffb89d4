using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>
/// The columns that meta-training and evaluation read, and what is demanded of them; asked by GetOutputSchema and Fit alike.
/// </summary>
/// <param name="IsClassification">Labels are classes; else numbers.</param>
/// <param name="Label">Name of the label column.</param>
/// <param name="Features">Name of the feature column.</param>
/// <param name="Task">Name of the task column; null for episodes of classes.</param>
/// <param name="MayMissTargets">Regression: NaN in the label is a target that was not observed; else it is refused.</param>
/// <param name="Weight">Name of the column of the rows' weights; null where all weigh the same.</param>
internal sealed record TaskColumns(
    bool IsClassification, string Label, string Features, string? Task, bool MayMissTargets = false, string? Weight = null)
{
    /// <summary>The columns that every row has.</summary>
    public LabelledColumns Labelled => new(Kind, Label, Features, MayMissTargets: MayMissTargets, Weight: Weight, Task: Task);

    // True and false are no new classes to draw episodes of.
    private LabelKind Kind => !IsClassification ? LabelKind.Numbers : Task is null ? LabelKind.Key : LabelKind.KeyOrBoolean;

    /// <summary>The promise of a pipeline; it knows no lengths.</summary>
    public void Check(SchemaShape schema) => Labelled.Check(schema);

    /// <summary>The rows themselves.</summary>
    public void Check(DataViewSchema schema) => Labelled.Check(schema);

    /// <summary>Checks the options that say which columns there are.</summary>
    /// <exception cref="ArgumentException">A name is empty, one column has two roles, or a regression has no task column.</exception>
    public static void CheckOptions(
        string label, string features, FewShotTasks tasks, bool isClassification, string? weight = null)
    {
        var check = default(OptionCheck);
        check.NotEmpty(label, "LabelColumnName");
        check.NotEmpty(features, "FeatureColumnName");
        check.NotNull(tasks, "Tasks");
        tasks.Validate(isClassification);
        if (tasks.ColumnName is null && !isClassification)
        {
            throw TrainerThrow.TaskColumnNeeded();
        }

        if (weight is not null)
        {
            check.NotEmpty(weight, "ExampleWeightColumnName");
        }

        CheckDifferent(label, features, tasks.ColumnName, weight);
    }

    /// <exception cref="ArgumentException">One column has two roles.</exception>
    private static void CheckDifferent(string label, string features, string? task, string? weight)
    {
        // As the options are named that give the roles.
        (string Role, string? Column)[] roles =
        [
            ("LabelColumnName", label), ("FeatureColumnName", features), ("TaskColumn", task), ("ExampleWeightColumnName", weight),
        ];
        foreach (var (first, second) in ((int, int)[])[(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)])
        {
            if (roles[first].Column is { } column && column == roles[second].Column)
            {
                throw TrainerThrow.SameColumn(roles[first].Role, roles[second].Role, column);
            }
        }
    }
}
