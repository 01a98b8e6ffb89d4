using System.Buffers.Binary;
using System.Text;

namespace MLNetMeta.Trainers.Tests.Build;

/// <summary>
/// The smallest ELF64 library with two required symbol versions and one relocation, loaded at an address unlike its offsets.
/// </summary>
internal static class ElfImage
{
    /// <summary>Required, and used by the one relocation.</summary>
    public const string UsedVersion = "LIB_1";

    /// <summary>Required, and used by nothing.</summary>
    public const string UnusedVersion = "LIB_2";

    /// <summary>Offset of the flags of <see cref="UnusedVersion"/>.</summary>
    public const int UnusedVersionFlags = NeededVersions + 16 + 16 + 4;

    private const ulong Address = 0x10000;
    private const int DynamicSection =
        0x100, Strings = 0x200, VersionIndices = 0x240, NeededVersions = 0x260, Relocations = 0x2a0, Size = 0x300;

    public static byte[] Create()
    {
        byte[] image = new byte[Size];
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(image, 0);
        Write(image, 32, 64ul);                                             // program headers at 64
        Write(image, 56, (ushort)2);
        WriteSegment(image, 64, type: 1, offset: 0, Size);                  // LOAD
        WriteSegment(image, 64 + 56, type: 2, DynamicSection, 0x80);        // DYNAMIC

        (ulong Tag, ulong Value)[] entries =
        [
            (5, Address + Strings), (0x6ffffff0, Address + VersionIndices), (0x6ffffffe, Address + NeededVersions), (0x6fffffff, 1),
            (7, Address + Relocations), (8, 24),
        ];
        for (int i = 0; i < entries.Length; i++)
        {
            Write(image, DynamicSection + 16 * i, entries[i].Tag);
            Write(image, DynamicSection + 16 * i + 8, entries[i].Value);
        }

        Encoding.ASCII.GetBytes($"\0{UsedVersion}\0{UnusedVersion}\0").CopyTo(image, Strings);
        Write(image, VersionIndices + 2, (ushort)2);                        // symbol 1 has version 2
        Write(image, VersionIndices + 4, (ushort)3);                        // symbol 2 has version 3
        Write(image, NeededVersions + 2, (ushort)2);                        // one library with two versions
        Write(image, NeededVersions + 8, 16u);
        WriteVersion(image, NeededVersions + 16, index: 2, name: 1, next: 16);
        WriteVersion(image, NeededVersions + 32, index: 3, name: 7, next: 0);
        Write(image, Relocations + 8, 1ul << 32 | 7);                       // a jump slot for symbol 1
        return image;
    }

    private static void WriteSegment(byte[] image, int at, uint type, ulong offset, ulong size)
    {
        Write(image, at, type);
        Write(image, at + 8, offset);
        Write(image, at + 16, Address + offset);
        Write(image, at + 32, size);
    }

    private static void WriteVersion(byte[] image, int at, ushort index, uint name, uint next)
    {
        Write(image, at + 6, index);
        Write(image, at + 8, name);
        Write(image, at + 12, next);
    }

    private static void Write(byte[] image, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(at), value);

    private static void Write(byte[] image, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), value);

    private static void Write(byte[] image, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(at), value);
}
