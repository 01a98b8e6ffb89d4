using System.Globalization;
using System.Runtime.InteropServices;

namespace MLNetMeta.Reproduce;

/// <summary>What a result was measured on, and when: a line under every table.</summary>
internal static class Machine
{
    public static string Describe() => string.Join("; ",
    [
        DateTime.UtcNow.ToString("d MMMM yyyy", CultureInfo.InvariantCulture),
        $"{Environment.ProcessorCount} processors, {Processor()}",
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        $"TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)}",
        $"MLNetMeta {typeof(TorchRuntime).Assembly.GetName().Version?.ToString(3)}",
    ]) + ".";

    private static string Processor()
    {
        const string file = "/proc/cpuinfo";
        var line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
