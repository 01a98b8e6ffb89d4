using MLNetMeta.Build;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Build;

public sealed class ElfSymbolVersionsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlnetmeta-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Relax_UnusedVersion_SetsTheWeakFlagAndNothingElse()
    {
        byte[] image = ElfImage.Create();
        byte[] expected = ElfImage.Create();
        expected[ElfImage.UnusedVersionFlags] = 2;

        Assert.True(ElfSymbolVersions.Relax(image, ElfImage.UnusedVersion));
        Assert.Equal(expected, image);
    }

    [Fact]
    public void Relax_AlreadyRelaxed_ChangesNothing()
    {
        byte[] image = ElfImage.Create();
        ElfSymbolVersions.Relax(image, ElfImage.UnusedVersion);
        Assert.False(ElfSymbolVersions.Relax(image, ElfImage.UnusedVersion));
    }

    [Fact]
    public void Relax_VersionNotRequired_ChangesNothing()
    {
        byte[] image = ElfImage.Create();
        Assert.False(ElfSymbolVersions.Relax(image, "LIB_3"));
        Assert.Equal(ElfImage.Create(), image);
    }

    [Fact]
    public void Relax_VersionOfARelocatedSymbol_Refuses()
    {
        byte[] image = ElfImage.Create();
        var exception = Assert.Throws<InvalidDataException>(() => ElfSymbolVersions.Relax(image, ElfImage.UsedVersion));
        Assert.Contains(ElfImage.UsedVersion, exception.Message, StringComparison.Ordinal);
        Assert.Equal(ElfImage.Create(), image);
    }

    [Fact]
    public void Relax_NotAnElfFile_Refuses() =>
        Assert.Throws<InvalidDataException>(() => ElfSymbolVersions.Relax(new byte[100], ElfImage.UsedVersion));

    [Fact]
    public void Relax_CutOffAnywhere_Refuses()
    {
        byte[] image = ElfImage.Create();
        int endOfVersions = ElfImage.UnusedVersionFlags;
        for (int length = 0; length < endOfVersions; length++)
        {
            Assert.Throws<InvalidDataException>(() => ElfSymbolVersions.Relax(image[..length], ElfImage.UnusedVersion));
        }
    }

    [LinuxFact]
    public void RelaxFile_DestinationIsALinkToTheSource_LeavesTheSourceAlone()
    {
        string source = Path.Combine(_folder.FullName, "package.so"), destination = Path.Combine(_folder.FullName, "output.so");
        File.WriteAllBytes(source, ElfImage.Create());
        File.CreateSymbolicLink(destination, source);

        Assert.True(ElfSymbolVersions.RelaxFile(source, destination, ElfImage.UnusedVersion));
        Assert.Equal(ElfImage.Create(), File.ReadAllBytes(source));
        Assert.Equal(2, File.ReadAllBytes(destination)[ElfImage.UnusedVersionFlags]);
        Assert.Equal(2, _folder.GetFiles().Length);
    }

    [LinuxFact]
    public void Relax_TorchSharpsBinding_RelaxesTheUnusedVersionOnly()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "runtimes/linux-x64/native/libLibTorchSharp.so"));
        ElfSymbolVersions.Relax(image, "GLIBCXX_3.4.32"); // the build may have done it already
        Assert.False(ElfSymbolVersions.Relax(image, "GLIBCXX_3.4.32"));
        Assert.Throws<InvalidDataException>(() => ElfSymbolVersions.Relax(image, "GLIBCXX_3.4.30"));
    }

    private sealed class LinuxFactAttribute : FactAttribute
    {
        public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "Only builds on Linux relax a library.";
    }
}
