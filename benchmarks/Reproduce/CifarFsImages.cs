using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Reproduce;

/// <summary>
/// CIFAR-FS (Bertinetto et al., 2019): the 100 classes of CIFAR-100, of which 64 are to meta-train, 16 to choose settings on, 20 to test.
/// </summary>
/// <remarks>
/// The folder has <c>classes.csv</c> with columns class and cifar_fs_split (train, val or test), and in <c>images</c> the strips
/// <c>CLASS_trainN.png</c> and <c>CLASS_testN.png</c>, see <see cref="CifarStrips"/>.
/// </remarks>
internal sealed class CifarFsImages
{
    private const string ClassColumn = "class", SplitColumn = "cifar_fs_split";

    private const int QuickClasses = 10;

    private readonly Dictionary<string, string[]> _strips;

    /// <param name="folder">The folder.</param>
    /// <param name="quick">A few classes to train on, and one strip of each class.</param>
    /// <exception cref="FormatException">The list of classes or the strips of a class are missing, or the list is not one.</exception>
    public CifarFsImages(string folder, bool quick)
    {
        var splits = Splits(folder);
        var training = Of("train");
        Training = quick ? [.. training.Take(QuickClasses)] : training;
        (Validation, Test) = (Of("val"), Of("test"));
        _strips = Training.Concat(Validation).Concat(Test).ToDictionary(
            label => label, label => Strips(folder, label) is { Length: > 0 } strips
                ? quick ? strips[..1] : strips
                : throw new FormatException($"'{folder}' has no strips of the class {label}: expected images/{label}_train0.png."));

        string[] Of(string split) => splits[split].ToArray() is { Length: > 0 } some
            ? some
            : throw new FormatException($"'{folder}' has no classes of the split {split} in classes.csv.");
    }

    /// <summary>Colour images of 32 × 32 pixels.</summary>
    public static ImageShape Image { get; } = new(3, 32, 32);

    public IReadOnlyList<string> Training { get; }

    public IReadOnlyList<string> Validation { get; }

    /// <summary>Sealed but for the final run: <see cref="SealedTest"/>.</summary>
    public IReadOnlyList<string> Test { get; }

    /// <summary>How many classes, and how many images each has.</summary>
    /// <exception cref="FormatException">A file is not a strip.</exception>
    public string Describe(IReadOnlyList<string> classes)
    {
        int[] images = [.. classes.Select(label => _strips[label].Sum(CifarStrips.Count))];
        return images.Min() == images.Max()
            ? $"{classes.Count} classes of {images[0]} images"
            : $"{classes.Count} classes of {images.Min()} to {images.Max()} images";
    }

    /// <summary>
    /// Images of classes: columns Label (text) and Features (Vector&lt;Single, 3072&gt;, scaled by <see cref="CifarColours"/>).
    /// </summary>
    /// <remarks>Strips are decoded one at a time whenever the rows are read, so that only the reader holds all of them.</remarks>
    public IDataView Load(MLContext ml, IReadOnlyList<string> classes)
    {
        var schema = SchemaDefinition.Create(typeof(LabelledImage));
        schema[nameof(LabelledImage.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, CifarFile.Pixels);
        return ml.Data.LoadFromEnumerable(
            from label in classes
            from strip in _strips[label]
            from image in CifarStrips.Read(strip).Chunk(CifarFile.Pixels)
            select new LabelledImage { Label = label, Features = Scaled(image) },
            schema);
    }

    private static float[] Scaled(byte[] image)
    {
        var scaled = new float[image.Length];
        CifarColours.Scale(image, scaled);
        return scaled;
    }

    /// <summary>Classes by the name of their split, in the order of the list.</summary>
    private static ILookup<string, string> Splits(string folder)
    {
        var path = Path.Combine(folder, "classes.csv");
        if (!File.Exists(path))
        {
            throw new FormatException($"'{folder}' has no classes.csv: expected the classes of CIFAR-100 with their split of CIFAR-FS.");
        }

        string[][] lines =
        [
            .. File.ReadLines(path).Where(line => line.Length > 0).Select(line => Array.ConvertAll(line.Split(','), cell => cell.Trim())),
        ];
        string[] header = lines.Length > 0 ? lines[0] : [];
        var (label, split) = (Array.IndexOf(header, ClassColumn), Array.IndexOf(header, SplitColumn));
        if (label < 0 || split < 0)
        {
            throw new FormatException(
                $"'{path}' has no columns {ClassColumn} and {SplitColumn}: its header is {string.Join(", ", header)}.");
        }

        var odd = Array.FindIndex(lines, cells => cells.Length != header.Length);
        return odd < 0
            ? lines.Skip(1).ToLookup(cells => cells[split], cells => cells[label])
            : throw new FormatException($"'{path}', row {odd}: {lines[odd].Length} cells, but the header has {header.Length}.");
    }

    private static string[] Strips(string folder, string label)
    {
        var images = Path.Combine(folder, "images");
        if (!Directory.Exists(images))
        {
            throw new FormatException($"'{folder}' has no folder images.");
        }

        string[] parts = ["train", "test"];
        return [.. parts.SelectMany(part => Directory.GetFiles(images, $"{label}_{part}*.png").Order(StringComparer.Ordinal))];
    }
}
