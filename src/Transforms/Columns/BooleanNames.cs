using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Columns;

/// <summary>Booleans as classes: False is the first, True the second.</summary>
internal static class BooleanNames
{
    public static IReadOnlyList<string> Texts { get; } = [bool.FalseString, bool.TrueString];

    public static ILabelNames Names { get; } = new TypedLabelNames<ReadOnlyMemory<char>>(
        TextDataViewType.Instance, [.. Texts.Select(text => text.AsMemory())]);
}
