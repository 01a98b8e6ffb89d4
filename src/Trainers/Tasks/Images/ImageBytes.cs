using System.IO.Compression;
using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>
/// Reads the whole file of an image, within the limits, before it is decoded: an exception of a stream must not pass through the native
/// decoder, which would end the process.
/// </summary>
internal static class ImageBytes
{
    private static readonly uint[] _crcOfByte = [.. Enumerable.Range(0, 256).Select(CrcOfByte)];

    /// <exception cref="FormatException">
    /// The file is empty, is no regular file, or is larger than allowed; the message names it.
    /// </exception>
    public static byte[] OfFile(string path, ImageLimits limits)
    {
        // Pipes, sockets and devices have no length: they are not even opened, since a pipe that nobody writes to would never answer.
        var length = new FileInfo(path).Length;
        CheckLength(length, path, limits);
        using var stream = File.OpenRead(path);
        return Exactly(stream, (int)length) ?? throw TrainerThrow.NoImage(path);
    }

    /// <exception cref="FormatException">The entry is empty, damaged, or larger than allowed; the message names it.</exception>
    public static byte[] OfEntry(ZipArchiveEntry entry, string name, ImageLimits limits)
    {
        CheckLength(entry.Length, name, limits);
        try
        {
            using var stream = entry.Open();
            var bytes = Exactly(stream, (int)entry.Length);
            return bytes is not null && stream.ReadByte() < 0 && Crc32(bytes) == entry.Crc32 ? bytes : throw TrainerThrow.NoImage(name);
        }
        catch (Exception damage) when (damage is InvalidDataException or NotSupportedException)
        {
            throw TrainerThrow.NoImage(name, damage);
        }
    }

    /// <summary>The checksum of zip archives and PNG files.</summary>
    internal static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var next in bytes)
        {
            crc = _crcOfByte[(byte)(crc ^ next)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint CrcOfByte(int value)
    {
        var crc = (uint)value;
        for (var bit = 0; bit < 8; bit++)
        {
            crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ (crc >> 1);
        }

        return crc;
    }

    private static void CheckLength(long length, string name, ImageLimits limits)
    {
        if (length <= 0)
        {
            throw TrainerThrow.NoImage(name);
        }

        if (length > limits.MaximumBytes)
        {
            throw TrainerThrow.ImageTooLarge(name, $"{length:N0} bytes", $"{limits.MaximumBytes:N0}", nameof(ImageLimits.MaximumBytes));
        }
    }

    /// <summary>Null where the stream ends before.</summary>
    private static byte[]? Exactly(Stream stream, int length)
    {
        var bytes = new byte[length];
        return stream.ReadAtLeast(bytes, length, throwOnEndOfStream: false) == length ? bytes : null;
    }
}
