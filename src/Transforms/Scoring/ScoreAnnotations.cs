using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>The annotations by which ML.NET's evaluators recognise the columns of one scorer.</summary>
internal static class ScoreAnnotations
{
    private const string SetId = "ScoreColumnSetId";
    private const string Kind = "ScoreColumnKind";
    private const string ValueKind = "ScoreValueKind";

    /// <summary>Adds the three annotations; the id only tells columns of different scorers in one view apart.</summary>
    public static void Add(DataViewSchema.Annotations.Builder annotations, string scorer, string valueKind)
    {
        var kind = scorer.AsMemory();
        annotations.Add(SetId, new KeyDataViewType(typeof(uint), int.MaxValue), (ref uint id) => id = 1);
        annotations.Add(Kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = kind);
        annotations.Add(ValueKind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = valueKind.AsMemory());
    }
}
