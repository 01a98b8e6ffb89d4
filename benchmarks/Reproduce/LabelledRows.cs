using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce;

/// <summary>Rows of one classification task in float32: features <c>[rows × width]</c>, row-major, and classes.</summary>
internal sealed record LabelledRows(float[] Features, int[] Classes, int Width, int ClassCount)
{
    /// <exception cref="FormatException">Columns are missing or mistyped.</exception>
    public static LabelledRows FromTable(string path, string target)
    {
        var file = TabularFile.Read(path, target).Standardized();
        var names = file.Targets.Distinct().Order(StringComparer.Ordinal).ToArray();
        return new LabelledRows(
            [.. file.Features.SelectMany(f => f).Select(f => (float)f)], [.. file.Targets.Select(t => Array.IndexOf(names, t))],
            file.FeatureNames.Length, names.Length);
    }

    /// <summary>MNIST's original files in a folder, plain or .gz; the test rows last.</summary>
    /// <exception cref="FormatException">A file is missing, damaged, or does not fit the other.</exception>
    public static (LabelledRows Rows, int TestRows) FromMnist(string folder)
    {
        var (train, test) = (Pair("train"), Pair("t10k"));
        return (new LabelledRows(
            [.. train.Images.Values.Concat(test.Images.Values).Select(v => (v - 33.3f) / 78.6f)],
            [.. train.Labels.Values.Concat(test.Labels.Values).Select(v => (int)v)],
            train.Images.Width, train.Labels.Values.Max() + 1), test.Images.Sizes[0]);

        (IdxFile Images, IdxFile Labels) Pair(string set)
        {
            var (images, labels) = (Idx($"{set}-images-idx3-ubyte"), Idx($"{set}-labels-idx1-ubyte"));
            return images.Sizes[0] == labels.Sizes[0]
                ? (images, labels)
                : throw new FormatException(
                    $"'{folder}' has {images.Sizes[0]} images and {labels.Sizes[0]} labels in its {set} files: "
                    + "they do not belong together.");
        }

        IdxFile Idx(string name) =>
            new[] { name, name + ".gz" }.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists) is { } path
            ? IdxFile.Read(path)
            : throw new FormatException($"'{folder}' has no {name} or {name}.gz.");
    }

    /// <summary>
    /// CIFAR-10 in a folder, as the files of its binary version or as strips in folders train and test; the test rows last.
    /// </summary>
    /// <exception cref="FormatException">A file is missing or damaged.</exception>
    public static (LabelledRows Rows, int TestRows) FromCifar(string folder)
    {
        var sets = CifarStrips.AreIn(folder) ? CifarStrips.ReadSets(folder) : Array.ConvertAll(CifarFile.In(folder), CifarFile.Read);
        int[] classes = [.. sets.SelectMany(set => set.Labels)];
        var features = new float[classes.Length * CifarFile.Pixels];
        var rows = 0;
        foreach (var (labels, pixels) in sets)
        {
            CifarColours.Scale(pixels, features.AsSpan(rows * CifarFile.Pixels));
            rows += labels.Length;
        }

        return (new LabelledRows(features, classes, CifarFile.Pixels, classes.Max() + 1), sets[^1].Labels.Length);
    }

    /// <summary>Omniglot's characters of some alphabets as classes; the drawer of each row, 0 to 19, beside them.</summary>
    /// <param name="paths">The archives or folders.</param>
    /// <param name="alphabets">Names of alphabets.</param>
    /// <param name="size">Side of the images in pixels.</param>
    /// <exception cref="FormatException">An alphabet is not there.</exception>
    public static (LabelledRows Rows, int[] Drawers) FromOmniglot(string[] paths, string[] alphabets, int size)
    {
        var catalog = new MLContext(0).MetaLearning().Classification;
        var characters = catalog.OmniglotCharacters(paths);
        var names = characters.Select(Alphabet).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (Array.Find(alphabets, a => !names.Contains(a)) is { } unknown)
        {
            throw new FormatException($"There is no alphabet '{unknown}': choose among {string.Join(", ", names)}.");
        }

        var drawings = catalog.LoadOmniglot(paths, size, take: c => alphabets.Contains(Alphabet(c)));
        var labels = drawings.GetColumn<string>("Label").ToArray();
        var classes = labels.Distinct().Order(StringComparer.Ordinal).ToArray();
        var drawn = new Dictionary<string, int>();
        return (
            new LabelledRows(
                [.. drawings.GetColumn<float[]>("Features").SelectMany(f => f)],
                [.. labels.Select(l => Array.BinarySearch(classes, l, StringComparer.Ordinal))], size * size, classes.Length),
            [.. labels.Select(l => (drawn[l] = drawn.GetValueOrDefault(l, -1) + 1))]);

        static string Alphabet(string character) => character.Split('/')[^2];
    }

    /// <summary>Some rows as one task.</summary>
    /// <exception cref="InvalidOperationException">A class of the task has no row among them.</exception>
    public Rows<Tensor> Pick(int[] rows, string role)
    {
        var present = rows.Select(r => Classes[r]).ToHashSet();
        var missing = Enumerable.Range(0, ClassCount).Where(c => !present.Contains(c)).ToArray();
        if (missing.Length > 0)
        {
            throw new InvalidOperationException($"The {role} set of {rows.Length} rows has no row of class {missing[0]}: give more rows.");
        }

        return Batch(rows);
    }

    /// <summary>Some rows as one task, whatever classes they have.</summary>
    public Rows<Tensor> Batch(ReadOnlySpan<int> rows)
    {
        var features = new float[rows.Length * Width];
        var targets = new float[rows.Length * ClassCount];
        for (var i = 0; i < rows.Length; i++)
        {
            Features.AsSpan(rows[i] * Width, Width).CopyTo(features.AsSpan(i * Width));
            targets[(i * ClassCount) + Classes[rows[i]]] = 1;
        }

        return new Rows<Tensor>(
            tensor(features, [1, rows.Length, Width]), tensor(targets, [1, rows.Length, ClassCount]),
            full([1, rows.Length, 1], 1f / rows.Length));
    }
}
