using System.IO.Compression;
using System.IO.Hashing;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Files;

/// <summary>The zip file that <c>ml.Model.Save</c> writes. .NET reads zip files without checking their checksums.</summary>
internal static class ModelArchive
{
    /// <summary>Reads everything once and then restores the position of the stream.</summary>
    /// <param name="stream">A readable and seekable stream.</param>
    /// <param name="largest">The maximum number of bytes in one entry.</param>
    /// <exception cref="FormatException">The bytes of an entry are not the bytes that were written.</exception>
    /// <exception cref="InvalidDataException">The stream is not a zip file, or an entry cannot be read.</exception>
    public static void Check(Stream stream, long largest)
    {
        var start = stream.Position;
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true))
        {
            var buffer = new byte[1 << 16];
            foreach (var entry in archive.Entries)
            {
                if (entry.Length > largest)
                {
                    throw Throw.DamagedModel($"its entry '{entry.FullName}' has {entry.Length} bytes, more than {largest}");
                }

                var checksum = new Crc32();
                var length = 0L;
                using var content = entry.Open();
                for (int read; length <= entry.Length && (read = content.Read(buffer)) > 0; length += read)
                {
                    checksum.Append(buffer.AsSpan(0, read));
                }

                if (length != entry.Length || checksum.GetCurrentHashAsUInt32() != entry.Crc32)
                {
                    throw Throw.DamagedModel($"its entry '{entry.FullName}' has another length or checksum than when it was written");
                }
            }
        }

        stream.Position = start;
    }
}
