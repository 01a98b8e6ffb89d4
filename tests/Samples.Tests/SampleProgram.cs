using System.Diagnostics;
using System.Reflection;
using Xunit;

namespace MLNetMeta.Samples.Tests;

/// <summary>A sample, run as a process of its own.</summary>
internal sealed record SampleProgram(string Name)
{
    /// <summary>Only a program that hangs takes so long, on however crowded a machine.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Whether Ctrl+C reaches the programs. A shell that runs the tests in the background has it
    /// ignored, and so have all processes that they start.
    /// </summary>
    public static bool HearsInterrupts { get; } = !OperatingSystem.IsWindows() && !IgnoresInterrupts();

    public Task<SampleRun> Run(params string[] arguments) => Run([], _ => false, _ => { }, arguments);

    /// <summary>Runs it with lines on its standard input.</summary>
    public Task<SampleRun> Run(IEnumerable<string> lines, string[] arguments) => Run(lines, _ => false, _ => { }, arguments);

    /// <summary>Runs it, and does something to the process once it has printed a certain line.</summary>
    public Task<SampleRun> Run(Func<string, bool> isLine, Action<Process> act, params string[] arguments) =>
        Run([], isLine, act, arguments);

    /// <summary>Starts it, to be asked line by line.</summary>
    public SampleDialogue Talk(params string[] arguments) => new(Process.Start(Start(arguments))!, _limit);

    /// <summary>The folder of a sample's sources.</summary>
    public static string Folder(string name) => Path.Combine(Metadata("SamplesFolder"), name);

    private static bool IgnoresInterrupts()
    {
        const string status = "/proc/self/status", key = "SigIgn:";
        const long interrupt = 1 << 1; // signal 2
        return File.Exists(status) && (
            Convert.ToInt64(
                File.ReadLines(status).Single(line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..].Trim(),
                16) & interrupt) != 0;
    }

    private ProcessStartInfo Start(string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(Metadata("SamplesFolder"), Name, Metadata("SamplesOutput"), $"{Name}.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        // libtorch's threads would spin against those of other tests.
        start.Environment["OMP_NUM_THREADS"] = "1";
        return start;
    }

    private async Task<SampleRun> Run(IEnumerable<string> lines, Func<string, bool> isLine, Action<Process> act, string[] arguments)
    {
        using var process = Process.Start(Start(arguments))!;
        var (output, error) = (Read(process, isLine, act), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(string.Concat(lines.Select(line => line + "\n")));
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(_limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{Name} {string.Join(' ', arguments)} still ran after {_limit}. Output so far: {await output}{await error}");
        }

        return new SampleRun(process.ExitCode, await output, await error);
    }

    private static async Task<string> Read(Process process, Func<string, bool> isLine, Action<Process> act)
    {
        var output = new System.Text.StringBuilder();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            output.AppendLine(line);
            if (isLine(line))
            {
                act(process);
            }
        }

        return output.ToString();
    }

    private static string Metadata(string key) =>
        typeof(SampleProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}

/// <summary>A sample that answers each line on its standard input with one.</summary>
internal sealed class SampleDialogue(Process process, TimeSpan limit) : IDisposable
{
    public async Task<string> Ask(string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.StandardInput.FlushAsync();
        using var late = new CancellationTokenSource(limit);
        return await process.StandardOutput.ReadLineAsync(late.Token) ?? throw new InvalidOperationException(
            $"The sample ended, with exit code {await Ended()}: {await process.StandardError.ReadToEndAsync()}");
    }

    public async Task<int> End(string signal)
    {
        Process.Start("kill", [$"-{signal}", $"{process.Id}"]).Dispose();
        return await Ended();
    }

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }

    private async Task<int> Ended()
    {
        using var late = new CancellationTokenSource(limit);
        await process.WaitForExitAsync(late.Token);
        return process.ExitCode;
    }
}

/// <summary>How a sample ended and what it said.</summary>
internal sealed record SampleRun(int ExitCode, string Output, string Error)
{
    public void Succeeded() => Assert.True(ExitCode == 0, $"Exit code {ExitCode}. {Output}{Error}");

    /// <summary>Ended with a message for the user, not with a stack trace.</summary>
    public void Failed(params string[] messageParts)
    {
        Assert.Equal(1, ExitCode);
        Assert.All(messageParts, part => Assert.Contains(part, Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
    }
}
