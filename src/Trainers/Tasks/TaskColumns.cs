using MLNetMeta.Trainers.Errors;
using MLNetMeta.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>The columns that meta-training and evaluation read, and what is demanded of them; asked by GetOutputSchema and Fit alike.</summary>
/// <param name="IsClassification">Labels are keys; else numbers.</param>
/// <param name="Label">Name of the label column.</param>
/// <param name="Features">Name of the feature column.</param>
/// <param name="Task">Name of the task column; null for episodes of classes.</param>
/// <param name="MayMissTargets">Regression: NaN in the label is a target that was not observed; else it is refused.</param>
internal sealed record TaskColumns(bool IsClassification, string Label, string Features, string? Task, bool MayMissTargets = false)
{
    private string ExpectedLabel => IsClassification ? "Key<UInt32>" : "Single or a Vector<Single> of known size";

    private const string ExpectedFeatures = "Single or a Vector<Single> of known size";

    /// <summary>The promise of a pipeline; it knows no lengths.</summary>
    public void Check(SchemaShape schema)
    {
        var features = schema.Find(Features) ?? throw MissingFeatures();
        if (features.IsKey || features.ItemType != NumberDataViewType.Single || features.Kind == SchemaShape.Column.VectorKind.VariableVector)
        {
            throw Throw.SchemaMismatch("feature", Features, ExpectedFeatures, new ColumnType(features), FeatureAdvice(new(features)));
        }

        var label = schema.Find(Label) ?? throw Throw.MissingColumn("label", Label, ExpectedLabel);
        var fits = IsClassification
            ? label.IsKey && label.ItemType.RawType == typeof(uint) && label.Kind == SchemaShape.Column.VectorKind.Scalar
            : !label.IsKey && label.ItemType == NumberDataViewType.Single && label.Kind != SchemaShape.Column.VectorKind.VariableVector;
        if (!fits)
        {
            throw Throw.SchemaMismatch("label", Label, ExpectedLabel, new ColumnType(label), LabelAdvice(new(label)));
        }

        if (Task is not null && (schema.Find(Task) ?? throw MissingTask()) is var task
            && (task.Kind != SchemaShape.Column.VectorKind.Scalar || task.ItemType is not PrimitiveDataViewType))
        {
            throw Throw.SchemaMismatch("task", Task, "a scalar (text, a key or a number)", new ColumnType(task));
        }
    }

    /// <summary>The rows themselves.</summary>
    public void Check(DataViewSchema schema)
    {
        var features = schema.GetColumnOrNull(Features) ?? throw MissingFeatures();
        if (WidthOf(features.Type) is null)
        {
            throw Throw.SchemaMismatch("feature", Features, ExpectedFeatures, new ColumnType(features.Type), FeatureAdvice(new(features.Type)));
        }

        var label = schema.GetColumnOrNull(Label) ?? throw Throw.MissingColumn("label", Label, ExpectedLabel);
        if (IsClassification ? label.Type is not KeyDataViewType { RawType: var raw } || raw != typeof(uint) : WidthOf(label.Type) is null)
        {
            throw Throw.SchemaMismatch("label", Label, ExpectedLabel, new ColumnType(label.Type), LabelAdvice(new(label.Type)));
        }

        if (Task is not null && (schema.GetColumnOrNull(Task) ?? throw MissingTask()) is { Type: not PrimitiveDataViewType } task)
        {
            throw Throw.SchemaMismatch("task", Task, "a scalar (text, a key or a number)", new ColumnType(task.Type));
        }
    }

    /// <exception cref="ArgumentException">One column has two roles.</exception>
    public static void CheckDifferent(string label, string features, string? task)
    {
        // As the options are named that give the roles.
        (string Role, string? Column)[] roles = [("LabelColumnName", label), ("FeatureColumnName", features), ("TaskColumnName", task)];
        foreach (var (first, second) in ((int, int)[])[(0, 1), (0, 2), (1, 2)])
        {
            if (roles[first].Column is { } column && column == roles[second].Column)
            {
                throw TrainerThrow.SameColumn(roles[first].Role, roles[second].Role, column);
            }
        }
    }

    /// <summary>Elements of a Single or Vector&lt;Single&gt; of known size; null for any other type.</summary>
    public static int? WidthOf(DataViewType type) => type switch
    {
        VectorDataViewType { Size: > 0 } vector when vector.ItemType == NumberDataViewType.Single => vector.Size,
        _ when type == NumberDataViewType.Single => 1,
        _ => null,
    };

    private ArgumentOutOfRangeException MissingFeatures() => Throw.MissingColumn(
        "feature", Features, $"{ExpectedFeatures}. Put the numbers of a row into one column, ml.Transforms.Concatenate(\"{Features}\", …), or name another column");

    private ArgumentOutOfRangeException MissingTask() => Throw.MissingColumn("task", Task!, "a column that says which task a row belongs to");

    private string FeatureAdvice(ColumnType got) => got.AdviceForFeatures(Features, null);

    private string LabelAdvice(ColumnType got) =>
        got.AdviceForLabel(Label, IsClassification ? MetaTask.Classification : MetaTask.Regression, null);
}
