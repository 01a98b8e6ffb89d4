using System.Diagnostics;
using System.Globalization;
using MLNetMeta.Benchmarks;

// dotnet run -c Release --project benchmarks/Benchmarks [metastep|spiking|memory|scoring|single|adapt|images|blocks|all] [rounds]
// dotnet run -c Release --project benchmarks/Benchmarks learner PATH [features]   (writes a learner with random weights)
var what = args.Length > 0 ? args[0] : "all";
if (what == "learner")
{
    File.WriteAllBytes(args[1], BenchmarkModel.LearnerFile(args.Length > 2 ? int.Parse(args[2], null) : BenchmarkModel.Features));
    return;
}

if (what == "memory-of")
{
    var peak = MetaStepBenchmark.PeakMemory(args[1] == "onnx", int.Parse(args[2], null), int.Parse(args[3], null));
    Console.WriteLine(peak.ToString("F1", CultureInfo.InvariantCulture));
    return;
}

var rounds = args.Length > 1 ? int.Parse(args[1], null) : 15;
Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}, {rounds} rounds");
if (what is "metastep" or "all")
{
    MetaStepBenchmark.Run(Console.Out, rounds);
}

if (what is "spiking" or "all")
{
    SpikingBenchmark.Run(Console.Out, rounds);
}

if (what is "memory" or "all")
{
    ReportMemory();
}

if (what is "scoring" or "all")
{
    using var scoring = new ScoringBenchmark();
    scoring.Run(Console.Out, rounds);
}
if (what is "single" or "all")
{
    SingleRowBenchmark.Run(Console.Out, rounds);
}

if (what is "adapt" or "all")
{
    AdaptationBenchmark.Run(Console.Out, rounds);
}

if (what is "images" or "all")
{
    ImageBenchmark.Run(Console.Out, rounds);
}

if (what is "blocks" or "all")
{
    BlockProfile.Run(Console.Out, rounds);
}

// A process of its own for each number of steps: a peak never falls again.
static void ReportMemory()
{
    Console.WriteLine();
    Console.WriteLine("## Peak memory of meta-training by the contrastive rule, MiB");
    Console.WriteLine("| inner steps of each phase | meta-steps | TorchSharp | ONNX Runtime |");
    Console.WriteLine("|---|---|---|---|");
    foreach (var (steps, metaSteps) in (ReadOnlySpan<(int, int)>)[(10, 1000), (100, 100), (1000, 10), (10, 10_000)])
    {
        Console.WriteLine(
            $"| {steps} | {metaSteps} | {PeakOf("torch", $"{steps}", $"{metaSteps}")} | {PeakOf("onnx", $"{steps}", $"{metaSteps}")} |");
    }
}

static string PeakOf(params string[] arguments)
{
    // This program is started as itself, or by "dotnet" with its assembly.
    string[] program = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [typeof(MetaStepBenchmark).Assembly.Location]
        : [];
    using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. program, "memory-of", .. arguments])
    {
        RedirectStandardOutput = true,
        // Little managed garbage, so that it does not count.
        Environment = { ["DOTNET_GCgen0size"] = "400000" },
    })!;
    var peak = process.StandardOutput.ReadToEnd().Trim();
    process.WaitForExit();
    return peak;
}
