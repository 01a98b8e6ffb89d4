#nullable enable
// MSBuild compiles this file when it needs it (see NativeCompatibility.targets), against netstandard2.0 and without packages:
// hence no BinaryPrimitives and no spans. The tests compile it too, without MSBuild at hand.
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace MLNetMeta.Build;

#if !WITHOUT_MSBUILD
/// <summary>Copies an ELF library, with one of the symbol versions it requires made optional.</summary>
public sealed class RelaxSymbolVersion : Microsoft.Build.Utilities.Task
{
    /// <summary>The library to copy. Never written to.</summary>
    [Microsoft.Build.Framework.Required]
    public string Source { get; set; } = "";

    /// <summary>The copy. Replaced if it exists, as a new file: it may be a hard link to something else.</summary>
    [Microsoft.Build.Framework.Required]
    public string Destination { get; set; } = "";

    /// <summary>The symbol version, for example <c>GLIBCXX_3.4.32</c>.</summary>
    [Microsoft.Build.Framework.Required]
    public string SymbolVersion { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            bool relaxed = ElfSymbolVersions.RelaxFile(Source, Destination, SymbolVersion);
            Log.LogMessage(relaxed
                ? "{0}: {1} made optional, because this system's libstdc++ does not have it."
                : "{0}: requires no {1}, copied as it is.", Source, SymbolVersion);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Log.LogError("{0} cannot be made to load on this system: {1}", Source, e.Message);
        }
        return !Log.HasLoggedErrors;
    }
}
#endif

/// <summary>The symbol versions an ELF64 shared library requires of other libraries (section <c>.gnu.version_r</c>).</summary>
/// <remarks>
/// Everything is found the way the dynamic loader finds it, through the program headers and the dynamic section;
/// section headers may be stripped. Layouts: ELF-64 Object File Format 1.5; Linux Standard Base Core 5.0, "Symbol Versioning".
/// </remarks>
public sealed class ElfSymbolVersions
{
    private const int LoadSegment = 1, DynamicSegment = 2;
    private const long StringTable = 5, RelocationTable = 7, RelocationSize = 8, PltRelocationSize = 2, PltRelocationTable = 23;
    private const long VersionIndexTable = 0x6ffffff0, NeededVersions = 0x6ffffffe, NeededVersionsCount = 0x6fffffff;
    private const ushort WeakFlag = 2;          // VER_FLG_WEAK: a missing version is no error
    private const ushort VersionIndexMask = 0x7fff;
    private const int ProgramHeaderSize = 56, DynamicEntrySize = 16, RelocationEntrySize = 24;

    private readonly byte[] _image;
    private readonly List<(ulong Address, ulong Offset, ulong Size)> _segments = [];
    private readonly Dictionary<long, ulong> _dynamic = [];

    private ElfSymbolVersions(byte[] image)
    {
        _image = image;
        bool littleEndian64 = image.Length >= 64
            && image[0] == 0x7f && image[1] == 'E' && image[2] == 'L' && image[3] == 'F' && image[4] == 2 && image[5] == 1;
        if (!littleEndian64)
        {
            throw new InvalidDataException("not a little-endian ELF64 file");
        }

        int firstHeader = Index(UInt64(32));
        for (int i = 0; i < UInt16(56); i++)
        {
            int header = firstHeader + i * ProgramHeaderSize;
            ulong offset = UInt64(header + 8), address = UInt64(header + 16), size = UInt64(header + 32);
            if (UInt32(header) == LoadSegment)
            {
                _segments.Add((address, offset, size));
            }
            else if (UInt32(header) == DynamicSegment)
            {
                ReadDynamicSection(Index(offset), Index(size));
            }
        }
    }

    /// <summary>Writes a copy of a library in which a required symbol version is optional.</summary>
    /// <returns>Whether the copy differs from the source.</returns>
    public static bool RelaxFile(string source, string destination, string symbolVersion)
    {
        byte[] image = File.ReadAllBytes(source);
        bool changed = Relax(image, symbolVersion);

        string temporary = destination + ".new";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(destination))!);
        File.WriteAllBytes(temporary, image);
        File.Delete(destination);
        File.Move(temporary, destination);
        return changed;
    }

    /// <summary>Makes a required symbol version optional, in place.</summary>
    /// <returns>Whether the image changed: <see langword="false"/> when the version is not required, or optional already.</returns>
    /// <exception cref="InvalidDataException">Not an ELF64 image, or a relocation needs a symbol of that version.</exception>
    public static bool Relax(byte[] image, string symbolVersion) => new ElfSymbolVersions(image).Relax(symbolVersion);

    private bool Relax(string symbolVersion)
    {
        bool changed = false;
        foreach (int requirement in Requirements(symbolVersion))
        {
            ushort flags = UInt16(requirement + 4), versionIndex = UInt16(requirement + 6);
            if ((flags & WeakFlag) != 0)
            {
                continue;
            }

            if (IsRelocated(versionIndex, RelocationTable, RelocationSize)
                || IsRelocated(versionIndex, PltRelocationTable, PltRelocationSize))
            {
                throw new InvalidDataException($"it uses a symbol of version {symbolVersion}, which this system's libraries lack");
            }

            _image[requirement + 4] |= (byte)WeakFlag;
            changed = true;
        }
        return changed;
    }

    /// <summary>Offsets of the <c>Vernaux</c> entries (hash, flags, index, name, next) with the given name.</summary>
    private IEnumerable<int> Requirements(string symbolVersion)
    {
        if (!_dynamic.TryGetValue(NeededVersions, out ulong firstLibrary))
        {
            yield break;
        }

        int library = FileOffset(firstLibrary);
        for (ulong i = 0; i < _dynamic[NeededVersionsCount]; i++)
        {
            int entry = library + (int)UInt32(library + 8);
            for (int j = 0; j < UInt16(library + 2); j++)
            {
                if (Text(FileOffset(_dynamic[StringTable] + UInt32(entry + 8))) == symbolVersion)
                {
                    yield return entry;
                }

                entry += (int)UInt32(entry + 12);
            }
            library += (int)UInt32(library + 12);
        }
    }

    private bool IsRelocated(ushort versionIndex, long table, long size)
    {
        if (!_dynamic.TryGetValue(table, out ulong address))
        {
            return false;
        }

        int versionOfSymbol = FileOffset(_dynamic[VersionIndexTable]);
        int first = FileOffset(address);
        for (int entry = first; entry < first + (int)_dynamic[size]; entry += RelocationEntrySize)
        {
            int symbol = (int)(UInt64(entry + 8) >> 32);
            if (symbol != 0 && (UInt16(versionOfSymbol + 2 * symbol) & VersionIndexMask) == (versionIndex & VersionIndexMask))
            {
                return true;
            }
        }
        return false;
    }

    private void ReadDynamicSection(int offset, int size)
    {
        for (int entry = offset; entry < offset + size; entry += DynamicEntrySize)
        {
            _dynamic[(long)UInt64(entry)] = UInt64(entry + 8);
        }
    }

    private int FileOffset(ulong address)
    {
        foreach (var (start, offset, size) in _segments)
        {
            if (address >= start && address - start < size)
            {
                return Index(address - start + offset);
            }
        }

        throw Damaged();
    }

    private string Text(int offset)
    {
        int end = Array.IndexOf(_image, (byte)0, offset);
        return end < 0 ? throw Damaged() : Encoding.ASCII.GetString(_image, offset, end - offset);
    }

    private ushort UInt16(int offset) => BitConverter.ToUInt16(_image, Within(offset, 2));

    private uint UInt32(int offset) => BitConverter.ToUInt32(_image, Within(offset, 4));

    private ulong UInt64(int offset) => BitConverter.ToUInt64(_image, Within(offset, 8));

    private int Within(int offset, int size) => offset >= 0 && offset <= _image.Length - size ? offset : throw Damaged();

    private int Index(ulong value) => value <= (ulong)_image.Length ? (int)value : throw Damaged();

    private static InvalidDataException Damaged() => new("the ELF file is damaged");
}
