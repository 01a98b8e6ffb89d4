using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Columns;

/// <summary>
/// The label and the features of rows to learn from, and what is demanded of them; asked by GetOutputSchema, Fit and Transform alike.
/// </summary>
/// <param name="Kind">What labels are.</param>
/// <param name="Label">Name of the label column.</param>
/// <param name="Features">Name of the feature column.</param>
/// <param name="FeatureCount">Numbers in the features of a row; null when any number is right.</param>
/// <param name="OutputCount">Regression: numbers in the label of a row; null when any number is right.</param>
/// <param name="MayMissTargets">Regression: NaN in the label is a target that was not observed; else it is refused.</param>
/// <param name="Weight">Name of the column of the rows' weights; null where all weigh the same.</param>
/// <param name="Task">Name of the column that says which task a row belongs to; null where there is none.</param>
internal sealed record LabelledColumns(
    LabelKind Kind, string Label, string Features, int? FeatureCount = null, int? OutputCount = null, bool MayMissTargets = false,
    string? Weight = null, string? Task = null)
{
    private const string ExpectedWeight = "Single";

    private string ExpectedFeatures => FeatureCount == 1 ? "Vector<Single, 1> or Single" : ExpectedNumbers(FeatureCount);

    /// <summary>Labels are classes; else numbers.</summary>
    public bool IsClassification => Kind != LabelKind.Numbers;

    private string ExpectedLabel => Kind switch
    {
        LabelKind.Key => "Key<UInt32>",
        LabelKind.Boolean => "Boolean",
        LabelKind.KeyOrBoolean => "Key<UInt32> or Boolean",
        _ => OutputCount == 1 ? "Single" : ExpectedNumbers(OutputCount),
    };

    private bool TakesKeys => Kind is LabelKind.Key or LabelKind.KeyOrBoolean;

    private bool TakesBooleans => Kind is LabelKind.Boolean or LabelKind.KeyOrBoolean;

    /// <summary>The promise of a pipeline; it knows no lengths.</summary>
    public void Check(SchemaShape schema)
    {
        var features = schema.Find(Features) ?? throw Throw.MissingFeatures(Features, ExpectedFeatures, FeatureCount);
        if (!MayHold(features, FeatureCount))
        {
            throw WrongFeatures(new(features));
        }

        var label = schema.Find(Label) ?? throw Throw.MissingColumn("label", Label, ExpectedLabel);
        var fits = IsClassification
            ? label.Kind == SchemaShape.Column.VectorKind.Scalar && (label.IsKey
                ? TakesKeys && label.ItemType.RawType == typeof(uint)
                : TakesBooleans && label.ItemType is BooleanDataViewType)
            : MayHold(label, OutputCount);
        if (!fits)
        {
            throw WrongLabel(new(label));
        }

        if (Weight is not null && (schema.Find(Weight) ?? throw MissingWeight()) is var weight
            && (weight.IsKey || weight.Kind != SchemaShape.Column.VectorKind.Scalar || weight.ItemType != NumberDataViewType.Single))
        {
            throw WrongWeight(new(weight));
        }

        if (Task is not null && (schema.Find(Task) ?? throw MissingTask()) is var task
            && (task.Kind != SchemaShape.Column.VectorKind.Scalar || task.ItemType is not PrimitiveDataViewType))
        {
            throw WrongTask(new(task));
        }
    }

    /// <summary>The rows to learn from.</summary>
    public void Check(DataViewSchema schema)
    {
        CheckFeatures(schema);
        var label = schema.GetColumnOrNull(Label) ?? throw Throw.MissingColumn("label", Label, ExpectedLabel);
        var fits = IsClassification
            ? TakesKeys && label.Type is KeyDataViewType { RawType: var raw } && raw == typeof(uint)
                || TakesBooleans && label.Type is BooleanDataViewType
            : Holds(label.Type, OutputCount);
        if (!fits)
        {
            throw WrongLabel(new(label.Type));
        }

        if (Weight is not null && (schema.GetColumnOrNull(Weight) ?? throw MissingWeight()).Type is var weight
            && weight != NumberDataViewType.Single)
        {
            throw WrongWeight(new(weight));
        }

        if (Task is not null && (schema.GetColumnOrNull(Task) ?? throw MissingTask()) is { Type: not PrimitiveDataViewType } task)
        {
            throw WrongTask(new(task.Type));
        }
    }

    /// <summary>The rows to score: they need no label.</summary>
    /// <returns>The feature column.</returns>
    public DataViewSchema.Column CheckFeatures(DataViewSchema schema)
    {
        var features = schema.GetColumnOrNull(Features) ?? throw Throw.MissingFeatures(Features, ExpectedFeatures, FeatureCount);
        return Holds(features.Type, FeatureCount) ? features : throw WrongFeatures(new(features.Type));
    }

    private ArgumentOutOfRangeException WrongFeatures(ColumnType got) =>
        Throw.SchemaMismatch("feature", Features, ExpectedFeatures, got.ToString(), got.AdviceForFeatures(Features, FeatureCount));

    private ArgumentOutOfRangeException WrongLabel(ColumnType got) =>
        Throw.SchemaMismatch("label", Label, ExpectedLabel, got.ToString(), got.AdviceForLabel(Label, Kind, OutputCount));

    private ArgumentOutOfRangeException MissingWeight() => Throw.MissingColumn("weight", Weight!, ExpectedWeight);

    private ArgumentOutOfRangeException WrongWeight(ColumnType got) =>
        Throw.SchemaMismatch("weight", Weight!, ExpectedWeight, got.ToString(), got.AdviceForFeatures(Weight!, 1));

    private ArgumentOutOfRangeException MissingTask() =>
        Throw.MissingColumn("task", Task!, "a column that says which task a row belongs to");

    private ArgumentOutOfRangeException WrongTask(ColumnType got) =>
        Throw.SchemaMismatch("task", Task!, "a scalar (text, a key or a number)", got.ToString());

    private static string ExpectedNumbers(int? count) =>
        count is { } known ? $"Vector<Single, {known}>" : "Single or a Vector<Single> of known size";

    private static bool MayHold(SchemaShape.Column column, int? count) =>
        !column.IsKey && column.ItemType == NumberDataViewType.Single && column.Kind switch
        {
            SchemaShape.Column.VectorKind.Vector => true,
            SchemaShape.Column.VectorKind.Scalar => count is null or 1,
            _ => false,
        };

    private static bool Holds(DataViewType type, int? count) => DenseRows.WidthOf(type) is { } width && (count ?? width) == width;
}
