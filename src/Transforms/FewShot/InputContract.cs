using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms;

/// <summary>What a few-shot trainer and its models demand of their input columns; asked by GetOutputSchema, Fit and Transform
/// alike.</summary>
internal sealed class InputContract(Learner learner, string labelColumn, string featureColumn)
{
    public string LabelColumn => labelColumn;

    public string FeatureColumn => featureColumn;

    private string ExpectedFeatures =>
        learner.FeatureCount == 1 ? "Vector<Single, 1> or Single" : $"Vector<Single, {learner.FeatureCount}>";

    private string ExpectedLabel => learner.Task == MetaTask.Classification ? "Key<UInt32>"
        : learner.OutputCount == 1 ? "Single" : $"Vector<Single, {learner.OutputCount}>";

    /// <summary>The promise of a pipeline; it knows no lengths.</summary>
    public void CheckSupport(SchemaShape schema)
    {
        var feature = schema.Find(featureColumn) ?? throw Throw.MissingFeatures(featureColumn, ExpectedFeatures, learner);
        if (!IsNumber(feature) || !(feature.Kind == SchemaShape.Column.VectorKind.Vector || IsScalar(feature) && learner.FeatureCount == 1))
            throw Throw.SchemaMismatch("feature", featureColumn, ExpectedFeatures, new ColumnType(feature), FeatureAdvice(new(feature)));

        var label = schema.Find(labelColumn) ?? throw Throw.MissingColumn("label", labelColumn, ExpectedLabel);
        var fits = learner.Task == MetaTask.Classification
            ? label.IsKey && label.ItemType.RawType == typeof(uint) && IsScalar(label)
            : IsNumber(label) && (label.Kind == SchemaShape.Column.VectorKind.Vector || IsScalar(label) && learner.OutputCount == 1);
        if (!fits)
            throw Throw.SchemaMismatch("label", labelColumn, ExpectedLabel, new ColumnType(label), LabelAdvice(new(label)));
    }

    /// <summary>The rows to learn from.</summary>
    public void CheckSupport(DataViewSchema schema)
    {
        CheckFeatures(schema);
        var label = schema.GetColumnOrNull(labelColumn) ?? throw Throw.MissingColumn("label", labelColumn, ExpectedLabel);
        var fits = learner.Task == MetaTask.Classification
            ? label.Type is KeyDataViewType key && key.RawType == typeof(uint)
            : IsSingles(label.Type, learner.OutputCount!.Value);
        if (!fits)
            throw Throw.SchemaMismatch("label", labelColumn, ExpectedLabel, new ColumnType(label.Type), LabelAdvice(new(label.Type)));
    }

    /// <summary>The rows to score: they need no label.</summary>
    /// <returns>The feature column.</returns>
    public DataViewSchema.Column CheckFeatures(DataViewSchema schema)
    {
        var feature = schema.GetColumnOrNull(featureColumn) ?? throw Throw.MissingFeatures(featureColumn, ExpectedFeatures, learner);
        return IsSingles(feature.Type, learner.FeatureCount)
            ? feature
            : throw Throw.SchemaMismatch("feature", featureColumn, ExpectedFeatures, new ColumnType(feature.Type), FeatureAdvice(new(feature.Type)));
    }

    private string FeatureAdvice(ColumnType got) => got.AdviceForFeatures(featureColumn, learner.FeatureCount);

    private string LabelAdvice(ColumnType got) => got.AdviceForLabel(labelColumn, learner.Task, learner.OutputCount);

    private static bool IsSingles(DataViewType type, int count) => type is VectorDataViewType vector
        ? vector.ItemType == NumberDataViewType.Single && vector.Size == count
        : type == NumberDataViewType.Single && count == 1;

    private static bool IsNumber(SchemaShape.Column column) => !column.IsKey && column.ItemType == NumberDataViewType.Single;

    private static bool IsScalar(SchemaShape.Column column) => column.Kind == SchemaShape.Column.VectorKind.Scalar;
}
