using System.Buffers.Binary;

namespace MLNetMeta.Samples.Tests;

/// <summary>Grey pictures as BMP files of 24 bits a pixel, which need no library to write.</summary>
internal static class BitmapFile
{
    private const int HeaderLength = 54;

    public static void Write(string path, int side, Func<int, int, byte> grey)
    {
        var stride = ((3 * side) + 3) / 4 * 4;
        var file = new byte[HeaderLength + (stride * side)];
        "BM"u8.CopyTo(file);
        (int, int)[] fields =
            [(2, file.Length), (10, HeaderLength), (14, HeaderLength - 14), (18, side), (22, side), (26, 1 + (24 << 16))];
        foreach (var (offset, value) in fields)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), value);
        }

        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                // Rows run from the bottom up.
                file.AsSpan(HeaderLength + ((side - 1 - y) * stride) + (3 * x), 3).Fill(grey(x, y));
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, file);
    }
}
