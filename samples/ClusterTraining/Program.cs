// Meta-trains on silos of this machine, and in this process, and compares time and bytes:
//
//   dotnet run -c Release --project samples/ClusterTraining -- --silos 2
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Distributed;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;

if (ClusterOptions.Parse(args, out var exitCode) is not { } options)
{
    return exitCode;
}

try
{
    return await Run(options);
}
catch (Exception failure) when (failure is SampleException or InvalidOperationException or ArgumentException or IOException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

static async Task<int> Run(ClusterOptions options)
{
    var ml = new MLContext(1);
    var folder = Directory.CreateDirectory(Path.Combine(options.Output, "partitions")).FullName;
    var files = Write(folder, options);

    using var silos = new Silos(options.Silos, folder);
    var builder = Host.CreateApplicationBuilder();
    builder.Logging.SetMinimumLevel(LogLevel.Error);
    builder.UseOrleansClient(client => client
        .UseLocalhostClustering(Silos.Gateways(options.Silos))
        .UseConnectionRetryFilter(async (_, cancellation) =>
        {
            await Task.Delay(500, cancellation);
            return true;
        }));
    using var host = builder.Build();
    await host.StartAsync();
    var client = host.Services.GetRequiredService<IClusterClient>();

    var (random, kills) = (new Random(1), 0);
    var (onCluster, clusterTime) = Fit(
        Compute.Orleans(client), ml.MetaLearning().ClusterRows(client), step =>
        {
            while (kills < options.Kills && step >= (kills + 1) * options.Steps / (options.Kills + 1))
            {
                kills++;
                Console.WriteLine($"meta-step {step}: silo {silos.Kill(random)} was killed and started again");
            }
        });
    var rows = ml.Data.CreateTextLoader(new TextLoader.Options
    {
        HasHeader = true,
        Separators = [','],
        Columns =
        [
            new TextLoader.Column("Task", DataKind.String, 0), new TextLoader.Column("Label", DataKind.Single, 1),
            new TextLoader.Column("Features", DataKind.Single, 2, 17),
        ],
    }).Load(files);
    var (alone, aloneTime) = Fit(Compute.OnnxRuntime(threads: 1, tasksPerShard: 1), rows, _ => { });

    Console.WriteLine(Line($"{options.Silos} silos of one thread", clusterTime));
    Console.WriteLine(Line("this process, one thread", aloneTime));
    if (!onCluster.SequenceEqual(alone))
    {
        throw new SampleException("The learners differ.");
    }

    var path = Path.Combine(options.Output, "learner.onnx");
    File.WriteAllBytes(path, onCluster);
    Console.WriteLine($"The learners are equal, byte for byte: {path}");
    return 0;

    (byte[] Learner, double StepsPerSecond) Fit(Compute compute, IDataView view, Action<int> onStep)
    {
        var clock = new Stopwatch();
        var measured = 0;
        using var learner = ml.MetaLearning().Regression.ComplexSynapse(new ComplexSynapseTrainer.Options
        {
            Tasks = new TaskColumn("Task") { SupportRows = 10, QueryRows = 10 },
            Network = new MultilayerPerceptron { HiddenUnits = [64, 64] },
            Compute = compute,
            Training = new TrainingOptions
            {
                Seed = 1,
                Steps = options.Steps,
                TasksPerStep = options.TasksPerStep,
                ValidationTasks = 16,
                Patience = null,
                Progress = new Reports(report =>
                {
                    // From the first validation to the last: reading is done then.
                    clock.Start();
                    measured = report.Step;
                    onStep(report.Step);
                    if (report.Step == options.Steps)
                    {
                        clock.Stop();
                    }
                }),
            },
        }).Fit(view).Learner;
        using var file = new MemoryStream();
        learner.Save(file);
        return (file.ToArray(), measured / clock.Elapsed.TotalSeconds);
    }

    static string Line(string name, double stepsPerSecond) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}: {stepsPerSecond:F1} meta-steps per second");
}

// Machines, each with a slope of its own for each of 16 measurements.
static string[] Write(string folder, ClusterOptions options)
{
    var random = new Random(1);
    var files = new string[options.Partitions];
    for (var partition = 0; partition < files.Length; partition++)
    {
        files[partition] = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"part-{partition:D4}.csv"));
        using var writer = new StreamWriter(files[partition]);
        writer.WriteLine("Task,Label," + string.Join(',', Enumerable.Range(0, 16).Select(i => $"x{i}")));
        for (var task = partition; task < options.Tasks; task += files.Length)
        {
            double[] slopes = [.. Enumerable.Range(0, 16).Select(_ => random.NextNormal())];
            for (var row = 0; row < 20; row++)
            {
                float[] x = [.. slopes.Select(_ => (float)random.NextNormal())];
                var label = (float)x.Zip(slopes, (value, slope) => Math.Tanh(value) * slope).Sum();
                writer.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"machine {task},{label:R},{string.Join(',', x.Select(Text))}"));
            }
        }
    }

    return files;

    static string Text(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}

internal sealed class Reports(Action<MetaTrainingProgress> report) : IProgress<MetaTrainingProgress>
{
    public void Report(MetaTrainingProgress value) => report(value);
}
