using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Samples;

/// <summary>A drawing of a character, with ML.NET's columns Label and Features.</summary>
internal sealed class Drawing
{
    public string Label { get; set; } = "";

    public float[] Features { get; set; } = [];

    /// <summary>The drawings as rows, Features a vector of <paramref name="features"/> numbers.</summary>
    public static IDataView View(MLContext ml, IEnumerable<Drawing> drawings, int features)
    {
        var schema = SchemaDefinition.Create(typeof(Drawing));
        schema[nameof(Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return ml.Data.LoadFromEnumerable(drawings, schema);
    }
}

/// <summary>Drawings of generated characters, for a sample without its own data.</summary>
internal static class StrokeAlphabet
{
    /// <param name="characters">Number of characters, labelled <c>character 1</c> and so on.</param>
    /// <param name="drawings">Number of drawings of each character.</param>
    /// <param name="side">Side of the square images in pixels, at least 4.</param>
    /// <param name="seed">The same seed gives the same drawings.</param>
    public static IReadOnlyList<Drawing> Draw(int characters, int drawings, int side, int seed)
    {
        var random = new Random(seed);
        return [.. from number in Enumerable.Range(1, characters)
                   let character = StrokeCharacter.Invent(random)
                   from _ in Enumerable.Range(0, drawings)
                   select new Drawing { Label = $"character {number}", Features = StrokePixels.Draw(character.Draw(random), side) }];
    }
}
