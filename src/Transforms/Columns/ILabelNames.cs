using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Columns;

/// <summary>The names of a label column's keys: its <c>KeyValues</c> annotation, of text or any other primitive type.</summary>
internal interface ILabelNames
{
    /// <summary>The type of one name.</summary>
    PrimitiveDataViewType ItemType { get; }

    /// <summary>The names as invariant text; the name of key k is at k − 1.</summary>
    IReadOnlyList<string> Texts { get; }

    /// <summary>These names and then <paramref name="texts"/>, converted to the same type.</summary>
    ILabelNames Append(IEnumerable<string> texts);

    /// <summary>The names as rows of one column.</summary>
    IDataView ToView(MLContext context);

    /// <summary>Adds the names as annotation <paramref name="kind"/>.</summary>
    void AddTo(DataViewSchema.Annotations.Builder annotations, string kind);

    /// <summary>Adds the names as annotation <paramref name="kind"/> to a column definition.</summary>
    void AddTo(SchemaDefinition.Column column, string kind);
}
