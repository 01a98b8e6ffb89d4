using Microsoft.ML.Data;
using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;

namespace Microsoft.ML;

/// <summary>
/// Loads images as rows for few-shot classification: columns Label (text, the class) and Features (Vector&lt;Single&gt;, values 0 to 1).
/// </summary>
/// <remarks>
/// Rows are read on demand, one image at a time; nothing is unpacked to disk. Map the label to a key with <c>MapValueToKey</c>. All
/// symbolic links inside a folder or an archive are skipped; the given path itself may be a link. Anything that is not a regular file (a
/// pipe, a device) is refused like a damaged image.
/// </remarks>
public static class ImageLoadingCatalog
{
    /// <summary>Loads the images of a folder or zip archive. Its folders are the classes: <c>class/image.png</c>, at any depth.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The folder or zip archive. PNG, JPEG, BMP, GIF and WebP files are loaded.</param>
    /// <param name="shape">The shape that images are scaled to.</param>
    /// <param name="minimumImagesPerClass">A class with fewer images is refused; the message names it. At least 1.</param>
    /// <param name="limits">Limits of loading; null for the defaults of <see cref="ImageLimits"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The shape does not have 1 or 3 channels, has no pixels or too many for a row, or a limit is outside its range.
    /// </exception>
    /// <exception cref="FileNotFoundException">The folder or file does not exist.</exception>
    /// <exception cref="FormatException">
    /// The file is not a zip archive, or (when the rows are read) an image cannot be decoded or
    /// is larger than allowed; the message names the file.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// There are no images, there are more images or deeper folders than allowed, or a class has too few images.
    /// </exception>
    public static IDataView LoadImageFolders(
        this MetaClassificationCatalog catalog, string path, ImageShape shape, int minimumImagesPerClass = 2, ImageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumImagesPerClass, 1);
        Check(shape, nameof(shape));
        var valid = Valid(limits);
        var classes = ImageFile.In(path, valid).GroupBy(f => f.Folder).Select(g => (Name: g.Key, Count: g.Count())).ToArray();
        if (classes.Length == 0)
        {
            throw TrainerThrow.NoImagesIn(path);
        }

        if (classes.FirstOrDefault(c => c.Count < minimumImagesPerClass) is { Name: not null } small)
        {
            throw TrainerThrow.TooFewImages(small.Name, small.Count, minimumImagesPerClass, path);
        }

        return View(catalog.Context, shape, Rows(path, shape, valid));
    }

    /// <summary>
    /// Loads Omniglot (Lake et al., 2015): handwritten characters of 50 alphabets, 20 drawings of each. Ink is 1, paper is 0.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="paths">
    /// The official <c>images_background.zip</c> and <c>images_evaluation.zip</c>, or the folders unpacked from them.
    /// </param>
    /// <param name="size">Side of the square images in pixels, at least 1. 28 is usual in the field.</param>
    /// <param name="rotations">Whether every character is also loaded rotated by 90, 180 and 270 degrees, as additional classes.</param>
    /// <param name="take">Which characters to load, by label (<c>images_background/Alphabet/characterNN</c>); null for all.</param>
    /// <param name="limits">Limits of loading; null for the defaults of <see cref="ImageLimits"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The size is below 1 or too large for a row, or a limit is outside its range.
    /// </exception>
    /// <exception cref="FileNotFoundException">The folder or file does not exist.</exception>
    /// <exception cref="FormatException">
    /// A file is not a zip archive, or (when the rows are read) an image cannot be decoded or
    /// is larger than allowed; the message names the file.
    /// </exception>
    /// <exception cref="InvalidOperationException">A path has no images, or more images or deeper folders than allowed.</exception>
    public static IDataView LoadOmniglot(
        this MetaClassificationCatalog catalog, IEnumerable<string> paths, int size = 28, bool rotations = false,
        Func<string, bool>? take = null,
        ImageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var shape = new ImageShape(1, size, size);
        Check(shape, nameof(size));
        var valid = Valid(limits);
        string[] all = [.. paths];
        foreach (var path in all)
        {
            if (!ImageFile.In(path, valid).Any())
            {
                throw TrainerThrow.NoImagesIn(path);
            }
        }

        var rows = from path in all
                   from row in Rows(path, shape, valid, take)
                   let ink = new LabelledImage { Label = row.Label, Features = Array.ConvertAll(row.Features, v => 1 - v) }
                   from turn in Enumerable.Range(0, rotations ? 4 : 1)
                   select ink.Rotated(turn, shape);
        return View(catalog.Context, shape, rows);
    }

    /// <summary>Lists the labels of all Omniglot characters under the paths, for example to choose from them.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="paths">The official zip files, or the folders unpacked from them.</param>
    /// <param name="limits">Limits of loading; null for the defaults of <see cref="ImageLimits"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is outside its range.</exception>
    /// <exception cref="FileNotFoundException">The folder or file does not exist.</exception>
    /// <exception cref="FormatException">A file is not a zip archive.</exception>
    /// <exception cref="InvalidOperationException">A path holds more images or deeper folders than allowed.</exception>
    public static IReadOnlyList<string> OmniglotCharacters(
        this MetaClassificationCatalog catalog, IEnumerable<string> paths, ImageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        var valid = Valid(limits);
        return [.. paths.SelectMany(path => ImageFile.In(path, valid)).Select(f => f.Folder).Distinct().Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<LabelledImage> Rows(string path, ImageShape shape, ImageLimits limits, Func<string, bool>? take = null) =>
        from file in ImageFile.In(path, limits)
        where take?.Invoke(file.Folder) ?? true
        select new LabelledImage { Label = file.Folder, Features = file.Pixels(shape) };

    private static ImageLimits Valid(ImageLimits? limits)
    {
        limits ??= new();
        limits.Validate();
        return limits;
    }

    private static void Check(ImageShape shape, string name)
    {
        if (shape.Channels is not (1 or 3) || shape.Height < 1 || shape.Width < 1
            || (long)shape.Height * shape.Width > Array.MaxLength / shape.Channels)
        {
            throw Throw.Option(
                name, shape, $"1 (grey) or 3 (red, green, blue) channels of at least 1 × 1 pixels and at most {Array.MaxLength} values");
        }
    }

    private static IDataView View(MLContext context, ImageShape shape, IEnumerable<LabelledImage> rows)
    {
        var schema = SchemaDefinition.Create(typeof(LabelledImage));
        schema[nameof(LabelledImage.Features)].ColumnType = new VectorDataViewType(
            NumberDataViewType.Single, shape.Channels * shape.Height * shape.Width);
        return context.Data.LoadFromEnumerable(rows, schema);
    }
}
