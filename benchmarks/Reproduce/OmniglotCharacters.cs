using Microsoft.ML;
using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>Omniglot's characters, split once and for all: 1,100 to meta-train, 100 to choose settings on, the others to test.</summary>
internal sealed class OmniglotCharacters
{
    private const int TrainingCharacters = 1100, KnownCharacters = 1200;

    private static readonly string[] _sets = ["images_background", "images_evaluation"];

    private readonly string[] _paths;

    /// <param name="paths">The two archives or folders.</param>
    /// <param name="quick">A few characters only.</param>
    /// <exception cref="FormatException">There are not more than 1,200 characters.</exception>
    public OmniglotCharacters(string[] paths, bool quick)
    {
        _paths = paths;
        var all = new MLContext(0).MetaLearning().Classification.OmniglotCharacters(paths).ToArray();
        if (all.Length <= KnownCharacters)
        {
            throw new FormatException(
                $"'{string.Join("', '", paths)}' contain {all.Length} characters: expected all 1,623 of Omniglot.");
        }

        new Random(0).Shuffle(all);
        Training = all[..(quick ? 40 : TrainingCharacters)].ToHashSet();
        Validation = all[TrainingCharacters..(quick ? TrainingCharacters + 30 : KnownCharacters)].ToHashSet();
        Test = all[KnownCharacters..(quick ? KnownCharacters + 30 : all.Length)].ToHashSet();
    }

    /// <summary>Grey images of 28 × 28 pixels.</summary>
    public static ImageShape Image { get; } = new(1, 28, 28);

    public IReadOnlySet<string> Training { get; }

    public IReadOnlySet<string> Validation { get; }

    /// <summary>Sealed but for the final run: <see cref="SealedTest"/>.</summary>
    public IReadOnlySet<string> Test { get; }

    /// <summary>The two archives or folders of Omniglot in a folder.</summary>
    /// <exception cref="FormatException">One is missing.</exception>
    public static string[] Paths(string folder) => [.. _sets.Select(set =>
        new[] { set + ".zip", set }.Select(n => Path.Combine(folder, n)).FirstOrDefault(p => File.Exists(p) || Directory.Exists(p))
        ?? throw new FormatException($"'{folder}' has neither {set}.zip nor a folder {set}."))];

    /// <summary>Drawings of the characters taken, 28 × 28.</summary>
    public IDataView Load(MLContext ml, Func<string, bool> take, bool rotations) =>
        ml.MetaLearning().Classification.LoadOmniglot(_paths, Image.Width, rotations, take);
}
