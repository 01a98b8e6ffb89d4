using System.Diagnostics;
using System.Globalization;
using MLNetMeta.GpuCheck;
using MLNetMeta.Transforms;

// Does a GPU compute the same, and how fast? Parity and speed of the learner file and of the meta-training graph, on a provider of ONNX
// Runtime against the processor. build/gpu-check packs this program for a machine with a GPU.
//
//   gpu-check [provider, default cuda]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var provider = ExecutionProvider.Parse(args.FirstOrDefault() ?? "cuda");
Console.WriteLine($"{provider} against the processor, {Environment.ProcessorCount} logical cores; .NET {Environment.Version}\n");

// Single precision through up to a hundred steps of a ReLU network on noise; products rounded to TF32 differ by ten times that and more.
const double agreement = 5e-3;
var agrees = true;
Console.WriteLine("| learner file | largest relative difference of the scores |");
Console.WriteLine("|---|---|");
foreach (var @case in Case.All())
{
    var difference = LearnerFiles.Difference(@case, provider);
    agrees &= difference < agreement;
    Console.WriteLine($"| {@case.Name} | {difference:E1} |");
}

Console.WriteLine("\n| meta-training graph | tasks | gradient, relative difference | processor, tasks/s | provider, tasks/s | ratio |");
Console.WriteLine("|---|---|---|---|---|---|");
foreach (var @case in Case.All())
{
    var theta = ParameterSpec.Draw(@case.Learner.Slow, new Random(1));
    using var processor = new ShardedContributor(Engine(@case, ExecutionProvider.Cpu), 8, Environment.ProcessorCount);
    using var accelerator = Engine(@case, provider);
    for (var tasks = 16; tasks <= @case.MostTasks; tasks *= 4)
    {
        var range = TaskRange.Training(0, tasks);
        var difference = Distance(processor.Contribute(theta, range).Gradient, accelerator.Contribute(theta, range).Gradient);
        agrees &= difference < agreement;
        var (slow, fast) = (Rate(() => processor.Contribute(theta, range), tasks), Rate(() => accelerator.Contribute(theta, range), tasks));
        Console.WriteLine($"| {@case.Name} | {tasks} | {difference:E1} | {slow:F0} | {fast:F0} | {fast / slow:F2} |");
    }
}

Console.WriteLine(agrees ? "\nAll agree." : $"\nNOT all agree to {agreement:E0}.");
return agrees ? 0 : 1;

static OnnxEngine Engine(Case @case, ExecutionProvider provider) =>
    new(@case.Learner, @case.Rule, @case.Free, new KeptEpisodes(@case), provider);

static double Distance(float[] one, float[] other) => Math.Sqrt(
    one.Zip(other, (a, b) => ((double)a - b) * (a - b)).Sum() / one.Sum(a => (double)a * a));

// The best of three: a machine that others use too is at times slower than it is, and never faster.
static double Rate(Action run, int tasks)
{
    run();
    return Enumerable.Range(0, 3).Max(_ =>
    {
        var start = Stopwatch.GetTimestamp();
        var repeats = 0;
        do
        {
            run();
            repeats++;
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < 0.5);
        return tasks * repeats / Stopwatch.GetElapsedTime(start).TotalSeconds;
    });
}
