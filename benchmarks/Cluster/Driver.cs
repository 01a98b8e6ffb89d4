using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using MLNetMeta.Distributed;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;

namespace MLNetMeta.Benchmarks;

/// <summary>The meta-training that is measured: the 16-64-64-1 complex synapse with 10 + 10 rows a task.</summary>
internal sealed record Driver
{
    public const int RowsPerTask = 20;

    public int Steps { get; init; } = 200;

    public int TasksPerStep { get; init; } = 64;

    /// <summary>A checkpoint to go on from and to write after every validation; null for none.</summary>
    public string? Checkpoint { get; init; }

    public Action<int> OnStep { get; init; } = _ => { };

    /// <summary>Writes the tasks.</summary>
    public static void Save(string folder, int tasks, int partitions)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        var ml = new MLContext(1);
        ml.MetaLearning().SavePartitions(
            ml.Data.LoadFromEnumerable(MachineRow.Generate(tasks, RowsPerTask)), folder, "Task", partitions: partitions);
    }

    /// <summary>Trains in this process, on partitions.</summary>
    public Result FitHere(string folder, int threads = 1)
    {
        var source = new ParquetPartitions(folder, "Task");
        var compute = Compute.Partitions(source, new MetaLearningSiloOptions { Threads = threads });
        return Fit(compute, ml => ml.MetaLearning().PartitionRows(source));
    }

    /// <summary>Trains in this process, on rows in memory.</summary>
    public Result FitInMemory(string folder, int threads = 1)
    {
        var source = new ParquetPartitions(folder, "Task");
        return Fit(Compute.OnnxRuntime(threads: threads), ml => ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, source.Partitions).SelectMany(partition =>
                ml.Data.CreateEnumerable<MachineRow>(source.Read(ml, partition, default), reuseRowObject: false)).ToList()));
    }

    /// <summary>Trains on a cluster.</summary>
    public async Task<Result> FitOn(ClusterSettings cluster)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(cluster.Configure);
        using var host = builder.Build();
        await host.StartAsync();
        var client = host.Services.GetRequiredService<IClusterClient>();
        return await Task.Run(() => Fit(Compute.Orleans(client), ml => ml.MetaLearning().ClusterRows(client)));
    }

    private Result Fit(Compute compute, Func<MLContext, IDataView> rows)
    {
        var ml = new MLContext(1);
        var (clock, whole, first) = (new Stopwatch(), Stopwatch.StartNew(), TimeSpan.Zero);
        using var learner = ml.MetaLearning().Regression.ComplexSynapse(new ComplexSynapseTrainer.Options
        {
            Tasks = new TaskColumn("Task") { SupportRows = 10, QueryRows = 10 },
            Network = new MultilayerPerceptron { HiddenUnits = [64, 64] },
            Compute = compute,
            Checkpoint = Checkpoint is null ? null : new CheckpointOptions(Checkpoint) { Interval = TimeSpan.FromTicks(1) },
            Training = new TrainingOptions
            {
                Seed = 1,
                Steps = Steps,
                TasksPerStep = TasksPerStep,
                ValidationTasks = 16,
                ValidationInterval = Math.Max(Steps / 20, 1),
                Patience = null,
                Progress = new Reports(report =>
                {
                    if (report.Step == 0)
                    {
                        first = whole.Elapsed;
                    }

                    // From the first tenth to the last validation: all is read and compiled then.
                    if (report.Step >= Steps / 10)
                    {
                        clock.Start();
                    }

                    if (report.Step == Steps)
                    {
                        clock.Stop();
                    }

                    OnStep(report.Step);
                }),
            },
        }).Fit(rows(ml)).Learner;
        using var file = new MemoryStream();
        learner.Save(file);
        return new Result(file.ToArray(), (Steps - (Steps / 10)) / clock.Elapsed.TotalSeconds, first, whole.Elapsed);
    }

    /// <summary>What came of a training.</summary>
    /// <param name="Learner">The learner file.</param>
    /// <param name="StepsPerSecond">Meta-steps per second, validations included.</param>
    /// <param name="First">Time to the first validation, at step 0.</param>
    /// <param name="Whole">Time of all.</param>
    internal sealed record Result(byte[] Learner, double StepsPerSecond, TimeSpan First, TimeSpan Whole)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{StepsPerSecond:F2} meta-steps per second");
    }
}
