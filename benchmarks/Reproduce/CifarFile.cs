namespace MLNetMeta.Reproduce;

/// <summary>
/// A file of CIFAR-10's binary version: records of a label byte and 3,072 pixel bytes, red, green and blue planes of 32 × 32.
/// </summary>
internal static class CifarFile
{
    public const int Pixels = 3 * 32 * 32;

    private const int Record = 1 + Pixels;

    private const int Classes = 10;

    /// <summary>Labels and, row-major, pixels of a file.</summary>
    /// <exception cref="FormatException">Not such a file, or cut off; the message says what was found.</exception>
    public static (int[] Labels, byte[] Pixels) Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length == 0 || bytes.Length % Record != 0)
        {
            throw new FormatException(
                $"'{path}' has {bytes.Length} bytes, which is not a multiple of {Record} (a label and 32 × 32 × 3 pixels): it is "
                + "truncated, or not from CIFAR-10's binary version (cifar-10-binary.tar.gz).");
        }

        var count = bytes.Length / Record;
        var (labels, pixels) = (new int[count], new byte[count * Pixels]);
        for (var i = 0; i < count; i++)
        {
            labels[i] = bytes[i * Record];
            if (labels[i] >= Classes)
            {
                throw new FormatException(
                    $"'{path}', record {i}: label {labels[i]}, expected 0 to {Classes - 1}. CIFAR-100 has another layout.");
            }

            bytes.AsSpan((i * Record) + 1, Pixels).CopyTo(pixels.AsSpan(i * Pixels));
        }

        return (labels, pixels);
    }

    /// <summary>Paths of <c>data_batch_1.bin</c> to <c>data_batch_5.bin</c> and <c>test_batch.bin</c>, the last one.</summary>
    /// <exception cref="FormatException">One is missing.</exception>
    public static string[] In(string folder)
    {
        string[] names = [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin"), "test_batch.bin"];
        var missing = Array.FindAll(names, n => !File.Exists(Path.Combine(folder, n)));
        return missing.Length == 0
            ? Array.ConvertAll(names, n => Path.Combine(folder, n))
            : throw new FormatException(
                $"'{folder}' has no {string.Join(", ", missing)}: give the folder cifar-10-batches-bin of CIFAR-10's binary version, or "
                + "one with folders train and test of strips.");
    }
}
