using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Trainers;

namespace MLNetMeta.Samples;

/// <summary>Drawings of characters: some for meta-training, others that stay unseen until the test.</summary>
/// <param name="Train">The drawings for meta-training. Omniglot's are also rotated by quarter turns, as additional characters.</param>
/// <param name="Test">The drawings for testing.</param>
/// <param name="Description">Description of the drawings.</param>
internal sealed record CharacterSet(IReadOnlyList<Drawing> Train, IReadOnlyList<Drawing> Test, string Description)
{
    /// <summary>Loads Omniglot, or generates characters.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="options">Where the data is, and how many characters are for meta-training.</param>
    /// <exception cref="SampleException">There are too few characters, or too few drawings of one.</exception>
    public static CharacterSet Load(MLContext ml, OmniglotOptions options)
    {
        var set = options.Data.Count == 0 ? Invented(options) : Omniglot(ml, options);
        var drawings = Settings.Tests.Max(t => Math.Max(t.Shots, ((Episodes)options.Training.Tasks).Shots.Maximum)) + 1;
        var smallest = set.Train.Concat(set.Test).CountBy(d => d.Label).MinBy(c => c.Value);
        return smallest.Value >= drawings
            ? set
            : throw new SampleException(
                $"Character '{smallest.Key}' has {smallest.Value} drawings: at least {drawings} are needed, for support and query. "
                + "Add drawings, or remove its folder.");
    }

    /// <summary>Rows with Label as a key and Features as a vector.</summary>
    public static IDataView Keyed(MLContext ml, IReadOnlyList<Drawing> drawings)
    {
        var view = Drawing.View(ml, drawings, drawings[0].Features.Length);
        return ml.Transforms.Conversion.MapValueToKey(nameof(Drawing.Label)).Fit(view).Transform(view);
    }

    private static CharacterSet Invented(OmniglotOptions options)
    {
        var size = options.Size;
        return new CharacterSet(
            StrokeAlphabet.Draw(Settings.InventedTrainCharacters, Settings.InventedDrawings, size, options.Seed),
            StrokeAlphabet.Draw(Settings.InventedTestCharacters, Settings.InventedDrawings, size, options.Seed + 1),
            $"Invented characters: {Settings.InventedTrainCharacters} to meta-train on, {Settings.InventedTestCharacters} others to "
            + "test on, "
            + $"{Settings.InventedDrawings} drawings of each, {size} × {size} pixels");
    }

    private static CharacterSet Omniglot(MLContext ml, OmniglotOptions options)
    {
        var classification = ml.MetaLearning().Classification;
        string[] paths = [.. options.Data.SelectMany(Archives)];
        string[] characters = [.. classification.OmniglotCharacters(paths)];
        if (characters.Length == 0)
        {
            throw new SampleException(
                $"{string.Join(" and ", paths.Select(p => $"'{p}'"))} contain no images: expected those of Omniglot, as "
                + "Alphabet/characterNN/xxxx_DD.png.");
        }

        var (train, testWays) = (options.TrainCharacters, Settings.Tests.Max(t => t.Ways));
        if (characters.Length - train < testWays)
        {
            throw new SampleException(
                $"There are {characters.Length} characters: {train} to meta-train on leave {Math.Max(0, characters.Length - train)} to "
                + $"test on, and {testWays}-way tasks need {testWays}. "
                + $"Lower --train-characters to at most {characters.Length - testWays}, or give more data.");
        }

        new Random(options.Seed).Shuffle(characters);
        return new CharacterSet(
            Drawings(characters[..train], rotations: true), Drawings(characters[train..], rotations: false),
            $"{characters.Length} characters: {train} and their quarter turns to meta-train on, {characters.Length - train} others to "
            + $"test on, {options.Size} × {options.Size} pixels");

        Drawing[] Drawings(string[] of, bool rotations)
        {
            var chosen = of.ToHashSet();
            var view = classification.LoadOmniglot(paths, options.Size, rotations, chosen.Contains);
            return [.. ml.Data.CreateEnumerable<Drawing>(view, reuseRowObject: false)];
        }
    }

    /// <summary>A folder with zip archives is replaced by these archives.</summary>
    private static IEnumerable<string> Archives(string path) =>
        Directory.Exists(path) && Directory.GetFiles(path, "*.zip").Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } archives
            ? archives
            : [path];
}
