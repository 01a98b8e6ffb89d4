// Meta-trains on silos on this machine, and in this process, and compares the times and the learner files:
//
//   dotnet run -c Release --project samples/ClusterTraining -- --silos 2
//   dotnet run -c Release --project samples/ClusterTraining -- --silos 3 --kills 3 --clustering Redis --connection localhost:6379
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using MLNetMeta.Distributed;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;

if (ClusterTrainingOptions.Parse(args, out var exitCode) is not { } options)
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

static async Task<int> Run(ClusterTrainingOptions options)
{
    var ml = new MLContext(1);
    var folder = Path.Combine(options.Output, "partitions");
    if (Directory.Exists(folder))
    {
        Directory.Delete(folder, recursive: true);
    }

    ml.MetaLearning().SavePartitions(
        ml.Data.LoadFromEnumerable(MachineRow.Generate(options.Tasks, rows: 20)), folder, "Task", partitions: options.Partitions);

    options.Cluster.Check();
    using var silos = new Silos(options.Silos, Path.GetFullPath(folder), options.Cluster);
    var builder = Host.CreateApplicationBuilder();
    builder.Logging.SetMinimumLevel(LogLevel.Error);
    builder.UseOrleansClient(Silos.OfDriver(options.Silos, options.Cluster).Configure);
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
    Console.WriteLine(Line($"{options.Silos} silos of one thread", clusterTime));

    var source = new ParquetPartitions(folder, "Task");
    var (alone, aloneTime) = Fit(
        Compute.Partitions(source, new MetaLearningSiloOptions { Threads = 1 }), ml.MetaLearning().PartitionRows(source), _ => { });
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
                    // Measure from the first validation to the last, because the rows have been read by then.
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

internal sealed class Reports(Action<MetaTrainingProgress> report) : IProgress<MetaTrainingProgress>
{
    public void Report(MetaTrainingProgress value) => report(value);
}
