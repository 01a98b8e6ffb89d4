using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace MLNetMeta.Testing;

/// <summary>
/// A test that needs a program beside .NET, and perhaps a folder of this repository. It is skipped, with the reason, where one is missing.
/// </summary>
internal sealed class OutsideFactAttribute : FactAttribute
{
    public OutsideFactAttribute(string program, string? folder, string advice, params string[] check) =>
        Skip = OutsideProgram.WhyMissing(program, folder, advice, check);
}

/// <inheritdoc cref="OutsideFactAttribute"/>
internal sealed class OutsideTheoryAttribute : TheoryAttribute
{
    public OutsideTheoryAttribute(string program, string? folder, string advice, params string[] check) =>
        Skip = OutsideProgram.WhyMissing(program, folder, advice, check);
}

/// <summary>Programs in other languages.</summary>
internal static class OutsideProgram
{
    /// <summary>The root of this repository.</summary>
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "MLNetMeta.sln")))
            {
                folder = folder.Parent ?? throw new DirectoryNotFoundException("MLNetMeta.sln is in no folder above the tests.");
            }

            return folder.FullName;
        }
    }

    /// <summary>Runs a program to its end; the output is followed by the errors.</summary>
    public static (int Status, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    internal static string? WhyMissing(string program, string? folder, string advice, string[] check)
    {
        try
        {
            var (status, output) = Run(program, check.Length > 0 ? check : ["--version"]);
            return status != 0 ? $"{program}: {output.Trim().Split('\n')[^1]}"
                : folder is not null && !Directory.Exists(Path.Combine(Root, folder)) ? $"There is no {folder}: {advice}."
                : null;
        }
        catch (Win32Exception)
        {
            return $"{program} is not installed.";
        }
    }
}
