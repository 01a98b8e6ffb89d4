using System.Buffers.Binary;
using System.IO.Compression;

namespace MLNetMeta.Reproduce;

/// <summary>
/// The binary files that MNIST was published in: a magic number, big-endian sizes, bytes. Plain or gzip-compressed (.gz).
/// </summary>
/// <param name="Sizes">Sizes of the axes: [images, 28, 28] or [labels].</param>
/// <param name="Values">Row-major.</param>
internal sealed record IdxFile(int[] Sizes, byte[] Values)
{
    /// <summary>Values of one entry of the first axis.</summary>
    public int Width => Sizes.Skip(1).Aggregate(1, (a, b) => a * b);

    /// <exception cref="FormatException">Not such a file, or cut off; the message says what was found.</exception>
    public static IdxFile Read(string path)
    {
        var bytes = Bytes(path);
        if (bytes.Length < 4 || bytes[0] != 0 || bytes[1] != 0)
        {
            throw new FormatException(
                $"'{path}' is not an IDX file: it must start with two zero bytes. MNIST's are train-images-idx3-ubyte, "
                + "train-labels-idx1-ubyte, t10k-…");
        }

        if (bytes[2] != 0x08)
        {
            throw new FormatException($"'{path}' has values of type 0x{bytes[2]:X2}: only unsigned bytes (0x08) are supported.");
        }

        int axes = bytes[3];
        if (axes == 0 || bytes.Length < 4 + (4 * axes))
        {
            throw new FormatException($"'{path}' is truncated: {bytes.Length} bytes cannot hold the sizes of {axes} axes.");
        }

        var sizes = Enumerable.Range(0, axes).Select(a => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4 + (4 * a)))).ToArray();
        var expected = sizes.Aggregate(1L, (a, b) => a * b);
        var found = bytes.Length - 4 - (4 * axes);
        return Array.TrueForAll(sizes, s => s > 0) && expected == found
            ? new IdxFile(sizes, bytes[(4 + (4 * axes))..])
            : throw new FormatException(
                $"'{path}' should have {string.Join(" × ", sizes)} = {expected} values but has {found}: it is damaged or truncated.");
    }

    private static byte[] Bytes(string path)
    {
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(file, CompressionMode.Decompress)
            : file;
        using var memory = new MemoryStream();
        try
        {
            stream.CopyTo(memory);
        }
        catch (InvalidDataException damage)
        {
            throw new FormatException($"'{path}' is not a gzip file, or is damaged: {damage.Message}", damage);
        }

        return memory.ToArray();
    }
}
