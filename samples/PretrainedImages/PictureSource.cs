using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNetMeta.Samples;

/// <summary>Classes of pictures, and which of them are for meta-training, for choosing settings and for the test.</summary>
/// <param name="Train">Classes to meta-train on.</param>
/// <param name="Validation">Classes that settings are chosen on; may be empty.</param>
/// <param name="Test">New classes.</param>
/// <param name="Read">The pictures of classes, read when they are asked for.</param>
internal sealed record PictureSource(
    IReadOnlyList<string> Train, IReadOnlyList<string> Validation, IReadOnlyList<string> Test,
    Func<IReadOnlyList<string>, IEnumerable<Picture>> Read)
{
    private const int StripWidth = 32;

    private static readonly string[] _endings = [".png", ".jpg", ".jpeg", ".bmp"];

    /// <summary>Pictures in a folder for each class; a third of the classes are new.</summary>
    public static PictureSource OfFolders(string path, int perClass, int seed)
    {
        string[] classes =
        [
            .. Directory.GetDirectories(path).Where(folder => Files(folder).Any()).Select(folder => Path.GetFileName(folder)),
        ];
        if (classes.Length < 15)
        {
            throw new SampleException(
                $"'{path}' has {classes.Length} folders with pictures. At least 15 are needed, ten to meta-train on and five new.");
        }

        Array.Sort(classes, StringComparer.Ordinal);
        new Random(seed).Shuffle(classes);
        var test = Math.Max(5, classes.Length / 3);
        return new(
            classes[test..], [], classes[..test],
            of => from label in of
                  from file in Files(Path.Combine(path, label)).Take(perClass)
                  select new Picture { Label = label, Image = MLImage.CreateFromFile(file) });

        static IEnumerable<string> Files(string folder) => Directory.GetFiles(folder).Order(StringComparer.Ordinal)
            .Where(file => _endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>CIFAR-FS (Bertinetto et al., 2019): classes.csv, and strips of pictures 32 pixels wide, one below the other.</summary>
    public static PictureSource OfStrips(string path, int perClass)
    {
        var table = Path.Combine(path, "classes.csv");
        if (!File.Exists(table))
        {
            throw new SampleException($"There is no file '{table}'. It must list each class with its set: train, val or test.");
        }

        var rows = File.ReadLines(table).Skip(1).Select(line => line.Split(',')).ToLookup(row => row[^1].Trim(), row => row[0]);
        return new(
            [.. rows["train"]], [.. rows["val"]], [.. rows["test"]], of => of.SelectMany(label => Strips(path, label).Take(perClass)));
    }

    /// <summary>Invented patterns: stripes and dots whose colours, width and direction make a class.</summary>
    public static PictureSource Invented(int classes, int perClass, int seed)
    {
        string[] names = [.. Enumerable.Range(0, classes).Select(i => $"pattern {i}")];
        return new(names[5..], [], names[..5], of => from label in of
                                                    from i in Enumerable.Range(0, perClass)
                                                    select Pattern.Draw(label, i, seed));
    }

    private static IEnumerable<Picture> Strips(string path, string label)
    {
        var files = Directory.GetFiles(Path.Combine(path, "images"), $"{label}_*.png").Order(StringComparer.Ordinal)
            .OrderBy(file => file.Contains("_train0", StringComparison.Ordinal) ? 0 : 1);
        foreach (var file in files)
        {
            using var strip = SKBitmap.Decode(file) ?? throw new SampleException($"'{file}' cannot be decoded.");
            using var pixels = strip.Copy(SKColorType.Rgba8888);
            const int bytes = StripWidth * StripWidth * 4;
            for (var i = 0; i < strip.Height / StripWidth; i++)
            {
                yield return new Picture
                {
                    Label = label,
                    Image = MLImage.CreateFromPixels(
                        StripWidth, StripWidth, MLPixelFormat.Rgba32, pixels.GetPixelSpan().Slice(i * bytes, bytes).ToArray()),
                };
            }
        }
    }
}
