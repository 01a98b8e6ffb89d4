using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms;

/// <summary>The annotations by which ML.NET's evaluators recognise the columns of one scorer.</summary>
internal static class ScoreAnnotations
{
    public const string SetId = "ScoreColumnSetId";
    public const string Kind = "ScoreColumnKind";
    public const string ValueKind = "ScoreValueKind";

    /// <summary>Adds the three annotations; the id only tells columns of different scorers in one view apart.</summary>
    public static void Add(DataViewSchema.Annotations.Builder annotations, bool isClassification, string valueKind)
    {
        var kind = (isClassification ? "MulticlassClassification" : "Regression").AsMemory();
        annotations.Add(SetId, new KeyDataViewType(typeof(uint), int.MaxValue), (ref uint id) => id = 1);
        annotations.Add(Kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = kind);
        annotations.Add(ValueKind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = valueKind.AsMemory());
    }

    /// <summary>The same annotations as a promise.</summary>
    public static SchemaShape Promise(params IEnumerable<SchemaShape.Column> more) => new(more.Concat(
    [
        MLNetInternals.Column(SetId, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true, null),
        MLNetInternals.Column(Kind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false, null),
        MLNetInternals.Column(ValueKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false, null),
    ]));
}
