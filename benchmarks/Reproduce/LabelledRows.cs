using MLNetMeta.Trainers.Numerics;
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
            [.. file.Features.SelectMany(f => f).Select(f => (float)f)], [.. file.Targets.Select(t => Array.IndexOf(names, t))], file.FeatureNames.Length, names.Length);
    }

    /// <summary>MNIST's training pair of files in a folder, plain or .gz.</summary>
    /// <exception cref="FormatException">A file is missing, damaged, or does not fit the other.</exception>
    public static LabelledRows FromMnist(string folder)
    {
        var (images, labels) = (Idx(folder, "train-images-idx3-ubyte"), Idx(folder, "train-labels-idx1-ubyte"));
        return images.Sizes[0] == labels.Sizes[0]
            ? new LabelledRows(Array.ConvertAll(images.Values, v => (v - 33.3f) / 78.6f), Array.ConvertAll(labels.Values, v => (int)v), images.Width, labels.Values.Max() + 1)
            : throw new FormatException($"'{folder}' has {images.Sizes[0]} images and {labels.Sizes[0]} labels: the two files do not belong together.");

        static IdxFile Idx(string folder, string name) => new[] { name, name + ".gz" }.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists) is { } path
            ? IdxFile.Read(path)
            : throw new FormatException($"'{folder}' has no {name} or {name}.gz.");
    }

    /// <summary>Some rows as one task.</summary>
    /// <exception cref="InvalidOperationException">A class of the task has no row among them.</exception>
    public Rows<Tensor> Pick(int[] rows, string role)
    {
        var present = rows.Select(r => Classes[r]).ToHashSet();
        var missing = Enumerable.Range(0, ClassCount).Where(c => !present.Contains(c)).ToArray();
        if (missing.Length > 0)
        {
            throw new InvalidOperationException($"The {role} set of {rows.Length} rows has none of class {missing[0]}: give it more rows.");
        }

        return Batch(rows);
    }

    /// <summary>Some rows as one task, whatever classes they have.</summary>
    public Rows<Tensor> Batch(int[] rows)
    {
        var features = new float[rows.Length * Width];
        var targets = new float[rows.Length * ClassCount];
        for (var i = 0; i < rows.Length; i++)
        {
            Features.AsSpan(rows[i] * Width, Width).CopyTo(features.AsSpan(i * Width));
            targets[(i * ClassCount) + Classes[rows[i]]] = 1;
        }

        return new Rows<Tensor>(
            tensor(features, [1, rows.Length, Width]), tensor(targets, [1, rows.Length, ClassCount]), full([1, rows.Length, 1], 1f / rows.Length));
    }
}
