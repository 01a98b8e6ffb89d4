using Microsoft.ML;
using Microsoft.ML.Data;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNetMeta.Transforms.Columns;

/// <summary>The type of a column, promised or real, as error messages name it, and what to write when another is expected.</summary>
/// <param name="Item">The type of one slot; of a key, the type of its numbers.</param>
/// <param name="IsKey">Whether the slots are keys.</param>
/// <param name="Kind">Whether it is a scalar, or a vector of known length.</param>
/// <param name="Size">Slots of a vector; null where a promise does not say it, and for other kinds.</param>
internal readonly record struct ColumnType(DataViewType Item, bool IsKey, VectorKind Kind, int? Size)
{
    private const string UnknownLength =
        " Its length is not known: put [VectorType(N)] on the property, or set ColumnType of the column in a SchemaDefinition.";

    public ColumnType(SchemaShape.Column column)
        : this(column.ItemType, column.IsKey, column.Kind, null)
    {
    }

    public ColumnType(DataViewType type)
        : this(
            type is VectorDataViewType vector ? vector.ItemType : type,
            (type is VectorDataViewType { ItemType: var item } ? item : type) is KeyDataViewType,
            type is not VectorDataViewType { IsKnownSize: var known } ? VectorKind.Scalar
                : known ? VectorKind.Vector : VectorKind.VariableVector,
            type is VectorDataViewType { IsKnownSize: true, Size: var size } ? size : null)
    {
    }

    private bool IsScalar => Kind == VectorKind.Scalar;

    private bool IsNumber => !IsKey && Item is NumberDataViewType or BooleanDataViewType;

    /// <summary>What makes features of a column of this type.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="length">Numbers in a row; null when any number is right.</param>
    public string AdviceForFeatures(string name, int? length) => this switch
    {
        { Kind: VectorKind.VariableVector } => UnknownLength + (Item == NumberDataViewType.Single ? "" : Conversion(name)),
        { IsNumber: true } when Item != NumberDataViewType.Single => Conversion(name),
        { IsNumber: false } => $" Convert it to numbers first, for example ml.Transforms.Categorical.OneHotEncoding(\"{name}\").",
        { IsScalar: true } => $" Put the numbers of a row into one column: ml.Transforms.Concatenate(\"{name}\", …).",
        _ => $" The learner was meta-trained on rows of {length} numbers: give the same numbers in the same order.",
    };

    /// <summary>What makes a label of a column of this type.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="kind">What labels are to be.</param>
    /// <param name="outputs">Numbers to predict for a row; null when any number is right.</param>
    public string AdviceForLabel(string name, LabelKind kind, int? outputs) => kind != LabelKind.Numbers
        ? this switch
        {
            { IsScalar: false } =>
                " A row has one class. For several numbers per row, use ml.MetaLearning().Regression.",
            _ when kind == LabelKind.Boolean => " The learner was meta-trained on Boolean labels: give the label as Boolean.",
            { IsKey: true } =>
                $" Map the key again: ml.Transforms.Conversion.MapKeyToValue(\"{name}\"), then MapValueToKey(\"{name}\").",
            _ when Item is BooleanDataViewType =>
                $" Map it to a key: ml.Transforms.Conversion.MapValueToKey(\"{name}\"). For Boolean labels, use a task column in "
                + "meta-training, new TaskColumn(\"…\").",
            _ => $" Map it to a key: ml.Transforms.Conversion.MapValueToKey(\"{name}\").",
        }
        : this switch
        {
            { IsNumber: false } => " Targets are numbers. For classes, use ml.MetaLearning().Classification.",
            { Kind: VectorKind.VariableVector } => UnknownLength + (Item == NumberDataViewType.Single ? "" : Conversion(name)),
            _ when Item != NumberDataViewType.Single => Conversion(name),
            _ => $" The learner predicts {outputs} {(outputs == 1 ? "number" : "numbers")} for each row.",
        };

    public override string ToString()
    {
        var item = IsKey && Item is not KeyDataViewType ? $"Key<{Item}>" : Item.ToString()!;
        return Kind switch
        {
            VectorKind.Scalar => item,
            VectorKind.Vector => Size is { } size ? $"Vector<{item}, {size}>" : $"Vector<{item}>",
            _ => $"Vector<{item}> of unknown length",
        };
    }

    private static string Conversion(string name) =>
        $" Convert it: ml.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single).";
}
