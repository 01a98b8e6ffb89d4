using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MLNetMeta.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce;

/// <summary>Peak memory of one meta-gradient against the number of inner steps; every measurement is a process of its own.</summary>
internal static class MemoryExperiment
{
    private const int Tasks = 32;

    private static readonly Dictionary<string, Func<Phase, IMetaGradientRule>> _rules = new()
    {
        ["contrastive"] = free => new ContrastiveRule(Stencil.Symmetric, 0.1, free, free with { Steps = Math.Max(1, free.Steps / 2) }),
        ["implicit"] = free => new ImplicitRule(new ConjugateGradientSolver(10), free),
        ["unrolled"] = free => new UnrolledRule(null, free),
    };

    private static readonly Option<string?> _rule = new("--rule")
    {
        Description = "Measure this rule in this process and print megabytes (what the experiment calls itself with)", Hidden = true,
    };

    private static readonly Option<int> _steps = new("--steps") { Hidden = true, DefaultValueFactory = _ => 10 };

    public static Command Command() =>
        Setting.Command("memory", "Peak memory against inner steps: contrastive, implicit, unrolled", Run, _rule, _steps);

    private static void Run(Setting setting, ParseResult parsed)
    {
        if (parsed.GetValue(_rule) is { } one)
        {
            Console.WriteLine(Measure(one, parsed.GetValue(_steps)).ToString(CultureInfo.InvariantCulture));
            return;
        }

        var journal = new Journal(setting);
        int[] lengths = setting.Quick ? [10, 50] : [10, 30, 100, 300, 1000];
        var table = new Table("Additional peak memory of one meta-gradient, MB", ["rule", .. lengths.Select(s => $"{s} steps")]);
        var curves = new List<Curve>();
        foreach (var rule in _rules.Keys)
        {
            var peaks = Array.ConvertAll(lengths, steps => journal.Do($"{rule} {steps}", () => InAProcess(rule, steps)));
            table.Add([rule, .. peaks.Select(p => (object)Math.Round(p, 1))]);
            curves.Add(new Curve(rule, [.. lengths.Zip(peaks, (s, p) => ((double)s, p))]));
        }

        table.Note(
            $"{Tasks} tasks of 10 + 10 rows, 1-64-64-1, complex synapse, Nesterov, float32. Each value is measured in its own "
            + "process: peak resident memory minus resident memory after a first meta-gradient of one step. On Linux with "
            + "MALLOC_MMAP_THRESHOLD_=16384, so that freed memory does not count; DOTNET_GCgen0size=400000, so that little managed garbage "
            + "counts.");
        table.Write(setting, "memory");
        Plots.LogLog(setting.FileIn("memory.png"), "Peak memory of one meta-gradient", "inner steps", "MB", curves);
    }

    private static double InAProcess(string rule, int steps)
    {
        var self = Environment.ProcessPath!;
        var arguments = new List<string>
        {
            "memory", "--rule", rule, "--steps", steps.ToString(CultureInfo.InvariantCulture), "--output", Path.GetTempPath(),
        };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            arguments.Insert(0, Path.Combine(AppContext.BaseDirectory, "MLNetMeta.Reproduce.dll"));
        }

        var start = new ProcessStartInfo(self, arguments) { RedirectStandardOutput = true };
        // Up to glibc 2.37 freed aligned blocks leave holes that are not filled again (glibc bug 14581), and resident memory says little of
        // what is in use: blocks of 16 KB and more go back to the system at once.
        start.Environment["MALLOC_MMAP_THRESHOLD_"] = "16384";
        start.Environment["DOTNET_GCgen0size"] = "400000"; // hexadecimal: 4 MB of managed garbage, not a share of the processor's cache
        using var process = Process.Start(start)!;
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? double.Parse(answer, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The measurement of {rule} with {steps} steps failed.");
    }

    private static double Measure(string rule, int steps)
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        var learner = new ComplexSynapse(Mlp.WithReadout(1, [64, 64], 1, Activation.Tanh), TaskLoss.SquaredError, 0.1, learnStrength: true);
        using var theta = SlowParameters.Draw(learner.Slow, new Random(1), CPU);
        using var batch = Batch();
        var optimizer = Optimizer.Sgd(0.01, 0.9, nesterov: true);
        _rules[rule](new Phase(optimizer, 1)).Estimate(learner, theta, batch).Dispose();
        var before = Megabytes(p => p.WorkingSet64);
        _rules[rule](new Phase(optimizer, steps)).Estimate(learner, theta, batch).Dispose();
        return Math.Max(0, Megabytes(p => p.PeakWorkingSet64) - before);
    }

    private static double Megabytes(Func<Process, long> size)
    {
        using var process = Process.GetCurrentProcess();
        return size(process) / 1048576.0;
    }

    private static EpisodeBatch Batch()
    {
        using var scope = NewDisposeScope();
        var random = new Random(1);
        return new EpisodeBatch(Rows(), Rows());

        Rows<Tensor> Rows() => new(Uniform(), Uniform(), full([Tasks, 10, 1], 0.1f));

        Tensor Uniform() =>
            tensor(Enumerable.Range(0, Tasks * 10).Select(_ => (float)((2 * random.NextDouble()) - 1)).ToArray(), [Tasks, 10, 1]);
    }
}
