using Microsoft.ML;

namespace MLNetMeta.Reproduce;

/// <summary>A data set of the visual experiment: its classes in three sets, the tests, and published accuracies.</summary>
/// <param name="Name">Name of the data set.</param>
/// <param name="Classes">What its classes are called.</param>
internal sealed record VisualTasks(string Name, string Classes)
{
    /// <summary>To meta-train.</summary>
    public required VisualSet Training { get; init; }

    /// <summary>To choose settings on.</summary>
    public required VisualSet Validation { get; init; }

    /// <summary>Sealed but for the final run: <see cref="SealedTest"/>.</summary>
    public required VisualSet Test { get; init; }

    /// <summary>Sizes of the test tasks.</summary>
    public required (int Ways, int Shots)[] Tests { get; init; }

    /// <summary>Published accuracies in percent of the first tests.</summary>
    public required (string Method, string[] Accuracies)[] Published { get; init; }

    /// <summary>What a reader has to know of them.</summary>
    public required string PublishedNote { get; init; }

    /// <summary>Omniglot; the training characters are also turned by 90, 180 and 270 degrees.</summary>
    /// <param name="folder">Folder of its two archives, or of the folders unpacked from them.</param>
    /// <param name="quick">A few characters only.</param>
    /// <exception cref="FormatException">An archive or some characters are missing.</exception>
    public static VisualTasks Omniglot(string folder, bool quick)
    {
        var characters = new OmniglotCharacters(OmniglotCharacters.Paths(folder), quick);
        return new("Omniglot", "characters")
        {
            Training = new(
                $"{characters.Training.Count} characters, each in four rotations,",
                ml => characters.Load(ml, characters.Training.Contains, rotations: true)),
            Validation = Upright(characters.Validation),
            Test = Upright(characters.Test),
            Tests = [(5, 1), (5, 5), (20, 1), (20, 5), (3, 1), (10, 1)],
            Published =
            [
                ("MAML (Finn et al., 2017)", ["98.7", "99.9", "95.8", "98.9"]),
                ("first-order MAML (Nichol et al., 2018)", ["98.3", "99.2", "89.4", "97.9"]),
                ("Reptile (Nichol et al., 2018)", ["97.68", "99.48", "89.43", "97.12"]),
                ("iMAML (Rajeswaran et al., 2019), about", ["99.5", "99.7", "96.2", "99.1"]),
                ("contrastive, synaptic (Zucchet et al., 2022), about", ["", "", "94.2", ""]),
                ("contrastive, modulatory (Zucchet et al., 2022), about", ["", "", "94.2", ""]),
            ],
            PublishedNote = "Published networks are trained for exactly the task size of the test and normalise over the batch of queries "
                + "(transductive). \"About\" means: not checked against the publication.",
        };

        VisualSet Upright(IReadOnlySet<string> set) =>
            new($"{set.Count} others", ml => characters.Load(ml, set.Contains, rotations: false));
    }

    /// <summary>CIFAR-FS with its official split.</summary>
    /// <param name="folder">See <see cref="CifarFsImages"/>.</param>
    /// <param name="quick">A few images only.</param>
    /// <exception cref="FormatException">The list of classes or a strip is missing or damaged.</exception>
    public static VisualTasks CifarFs(string folder, bool quick)
    {
        var images = new CifarFsImages(folder, quick);
        return new("CIFAR-FS", "classes")
        {
            Training = Of(images.Training),
            Validation = Of(images.Validation),
            Test = Of(images.Test),
            Tests = [(5, 1), (5, 5)],
            Published =
            [
                ("MAML (Finn et al., 2017), about", ["58.9", "71.5"]),
                ("R2D2 (Bertinetto et al., 2019), about", ["65.3", "79.4"]),
                ("prototypical networks (Snell et al., 2017), about", ["55.5", "72.0"]),
            ],
            PublishedNote = "Published accuracies are those that Bertinetto et al. (2019) report. \"About\" means: not checked against the "
                + "publication.",
        };

        VisualSet Of(IReadOnlyList<string> classes) => new(images.Describe(classes), ml => images.Load(ml, classes));
    }
}
