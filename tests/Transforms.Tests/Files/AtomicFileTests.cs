using System.Diagnostics;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("target.bin");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_NewFile_HasTheUsualMode()
    {
        var usual = _folder.File("usual");
        File.WriteAllText(usual, "");

        AtomicFile.Write(Target, stream => stream.WriteByte(1));

        Assert.Equal([1], File.ReadAllBytes(Target));
        Assert.Equal(ModeOf(usual), ModeOf(Target));
    }

    [Fact]
    public void Write_Failing_KeepsTheOldFile()
    {
        File.WriteAllText(Target, "old");

        Assert.Throws<IOException>(() => AtomicFile.Write(Target, stream =>
        {
            stream.WriteByte(1);
            throw new IOException("disk full");
        }));

        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Write_ReadWhileWriting_GivesTheOldFile()
    {
        File.WriteAllText(Target, "old");

        AtomicFile.Write(Target, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(Target));
        });

        Assert.Equal("new", File.ReadAllText(Target));
    }

    [UnixTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_ThroughLinks_WritesTheFileBehindThem(bool exists)
    {
        var behind = _folder.File("behind.bin");
        if (exists)
        {
            File.WriteAllText(behind, "old");
        }

        File.CreateSymbolicLink(_folder.File("link"), behind);
        File.CreateSymbolicLink(Target, "link");

        AtomicFile.Write(Target, stream => stream.Write("new"u8));

        Assert.Equal("link", new FileInfo(Target).LinkTarget);
        Assert.Equal("new", File.ReadAllText(behind));
        Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
    }

    [UnixTheory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)]
    public void Write_ExistingFile_KeepsItsMode(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException();
        }

        File.WriteAllText(Target, "old");
        File.SetUnixFileMode(Target, mode);

        // While it is written nobody else can read what becomes private.
        var meanwhile = UnixFileMode.None;
        AtomicFile.Write(Target, stream =>
        {
            stream.WriteByte(1);
            meanwhile = ModeOf(Assert.Single(Directory.GetFiles(_folder.Path), file => file != Target));
        });

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, meanwhile);
        Assert.Equal(mode, ModeOf(Target));
        Assert.Equal([1], File.ReadAllBytes(Target));
    }

    [UnixTheory]
    [InlineData(65534)]
    public void Write_FileOfAnotherUser_StaysTheirs(uint user)
    {
        // Only root may give a file away; for others there is no such file to make here.
        File.WriteAllText(Target, "old");
        if (Run("chown", $"{user}", Target) != 0)
        {
            return;
        }

        AtomicFile.Write(Target, stream => stream.WriteByte(1));

        Assert.Equal(user, UnixFile.TryRead(Target)!.Value.User);
        Assert.Equal([1], File.ReadAllBytes(Target));
    }

    [UnixTheory]
    [InlineData("pipe")]
    public async Task Write_Pipe_GoesThroughIt(string name)
    {
        var pipe = _folder.File(name);
        Assert.Equal(0, Run("mkfifo", pipe));
        var reader = Task.Run(() => File.ReadAllText(pipe));

        AtomicFile.Write(pipe, stream => stream.Write("through"u8));

        Assert.Equal("through", await reader);
        Assert.False(UnixFile.TryRead(pipe)!.Value.IsRegular);
    }

    [Fact]
    public void Write_AfterAKill_RemovesWhatItLeft()
    {
        var old = DateTime.UtcNow.AddMinutes(-1);
        var abandoned = $"{Target}.{Guid.NewGuid():N}.tmp";
        string[] others = [$"{Target}.{Guid.NewGuid():N}.tmp", $"{Target}.notes.tmp", _folder.File($"other.{Guid.NewGuid():N}.tmp")];
        foreach (var file in others.Prepend(abandoned))
        {
            File.WriteAllText(file, "half");
        }

        foreach (var file in others.Skip(1).Prepend(abandoned))
        {
            File.SetLastWriteTimeUtc(file, old);
        }

        AtomicFile.Write(Target, stream => stream.WriteByte(1));

        Assert.Equal(others.Append(Target).Order(), Directory.GetFiles(_folder.Path).Order());
    }

    [Fact]
    public void Write_WhileAnotherWrites_LeavesItsFile()
    {
        var others = $"{Target}.{Guid.NewGuid():N}.tmp";
        using (var stream = new FileStream(others, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            File.SetLastWriteTimeUtc(others, DateTime.UtcNow.AddMinutes(-1));

            AtomicFile.Write(Target, target => target.WriteByte(1));
        }

        Assert.True(File.Exists(others));
    }

    private static UnixFileMode ModeOf(string file) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(file);

    private static int Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
