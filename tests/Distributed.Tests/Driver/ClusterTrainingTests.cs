using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using Orleans.TestingHost;
using Xunit;

namespace MLNetMeta.Distributed.Tests.Driver;

/// <summary>A cluster gives the bytes of one process, whatever it is made of and whatever fails.</summary>
public sealed class ClusterTrainingTests
{
    private static readonly OrleansOptions _impatient = new()
    {
        FirstLimit = TimeSpan.FromSeconds(5), LostAfter = TimeSpan.FromMinutes(2), TasksPerRequest = 1,
    };

    [Theory]
    [InlineData(1, "Label")]
    [InlineData(2, "Label")]
    [InlineData(4, "Label")]
    [InlineData(2, "Labels")]
    [InlineData(1, "Key")]
    [InlineData(3, "Key")]
    public async Task Fit_OnAnyNumberOfSilos_GivesTheBytesOfOneProcess(short silos, string label)
    {
        var source = TaskPartitions.Of(partitions: 5);
        await using var cluster = await Cluster(silos, source);

        var learner = Fit(Compute.Orleans(cluster.Client, _impatient), label, ml => ml.MetaLearning().ClusterRows(cluster.Client, label));

        Assert.Equal(InProcess(source, label), learner);
    }

    /// <summary>Tasks that are computed together round otherwise than one by one: what comes together may not depend on the
    /// cluster.</summary>
    [Theory]
    [InlineData(1, "Label")]
    [InlineData(3, "Label")]
    [InlineData(2, "Key")]
    public async Task Fit_WithSeveralTasksPerRequest_GivesTheBytesOfOneProcess(short silos, string label)
    {
        var source = TaskPartitions.Of(partitions: 4, tasks: 24);
        await using var cluster = await Cluster(silos, source);

        var learner = Fit(
            Compute.Orleans(cluster.Client, _impatient with { TasksPerRequest = 3 }), label,
            ml => ml.MetaLearning().ClusterRows(cluster.Client, label));

        byte[] Local(int tasksPerRequest, MetaLearningSiloOptions? options = null) => Fit(
            Compute.Partitions(source, options, tasksPerRequest), label, ml => ml.MetaLearning().PartitionRows(source, label));
        Assert.Equal(Local(3, new MetaLearningSiloOptions { Threads = 3, MemoryLimit = 2000 }), learner);
        Assert.NotEqual(Local(1), learner);
        Assert.Equal(InProcess(source, label), Local(1));
    }

    [Fact]
    public async Task Fit_WithLittleMemory_ReadsPartitionsAgain_AndGivesTheSameBytes()
    {
        var source = TaskPartitions.Of(partitions: 6);
        // Two tasks of 12 rows of three numbers, their row numbers and their names: room for two partitions of six.
        await using var cluster = await Cluster(1, source, new MetaLearningSiloOptions { Threads = 2, MemoryLimit = 1000 });

        var learner = Fit(Compute.Orleans(cluster.Client, _impatient), "Label", ml => ml.MetaLearning().ClusterRows(cluster.Client));

        Assert.True(source.Reads > 2 * source.Partitions, $"{source.Reads} reads");
        Assert.Equal(InProcess(source, "Label"), learner);
    }

    [Fact]
    public async Task Fit_OfAPartitionLargerThanTheMemory_SaysSo()
    {
        await using var cluster = await Cluster(1, TaskPartitions.Of(partitions: 2), new MetaLearningSiloOptions { MemoryLimit = 100 });

        var failure = Assert.Throws<InvalidOperationException>(() =>
            Fit(Compute.Orleans(cluster.Client, _impatient), "Label", ml => ml.MetaLearning().ClusterRows(cluster.Client)));

        Assert.Contains("raise MemoryLimit", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_ReportsItself_ToWhoeverListens()
    {
        var measured = new ConcurrentDictionary<string, double>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "MLNetMeta.Distributed")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        meters.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        meters.Start();
        var activities = new ConcurrentBag<string>();
        using var traces = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "MLNetMeta.Distributed",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => activities.Add(activity.OperationName),
        };
        ActivitySource.AddActivityListener(traces);
        await using var cluster = await Cluster(1, TaskPartitions.Of(partitions: 3));

        Fit(Compute.Orleans(cluster.Client, _impatient), "Label", ml => ml.MetaLearning().ClusterRows(cluster.Client));

        // Six steps of five tasks at least; other tests may run beside this one.
        Assert.True(measured["mlnetmeta.tasks"] >= 30);
        Assert.True(measured["mlnetmeta.partition.memory"] > 0);
        Assert.Contains("mlnetmeta.task.duration", measured.Keys);
        Assert.Contains("mlnetmeta.partition.read.duration", measured.Keys);
        Assert.Contains("mlnetmeta.request.duration", measured.Keys);
        Assert.Subset(
            new HashSet<string>(activities),
            new HashSet<string> { "mlnetmeta.step", "mlnetmeta.partition.compute", "mlnetmeta.partition.read" });

        void Add(Instrument instrument, double value) => measured.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
    }

    [Fact]
    public async Task Fit_WhileSilosAreKilled_GivesTheSameBytes()
    {
        var source = TaskPartitions.Of(partitions: 12, tasks: 24);
        await using var cluster = await Cluster(3, source);
        var options = Options("Label", Compute.Orleans(cluster.Client, _impatient)) with
        {
            Training = Training with
            {
                Steps = 30,
                Progress = new Reports(report =>
                {
                    // One silo is left in the end.
                    if (report.Step is 10 or 20)
                    {
                        cluster.KillSiloAsync(cluster.Silos[^1]).GetAwaiter().GetResult();
                    }
                }),
            },
        };

        var learner = Fit(options, ml => ml.MetaLearning().ClusterRows(cluster.Client));

        Assert.Single(cluster.Silos);
        Assert.True(source.Reads > source.Partitions + 1, "No partition moved.");
        Assert.Equal(
            Fit(options with { Compute = Local, Training = options.Training with { Progress = null } }, ml =>
                ManyTasks.View(ml, source.All)),
            learner);
    }

    [Fact]
    public async Task Fit_OfADriverThatEnded_IsResumedFromItsCheckpoint()
    {
        var source = TaskPartitions.Of(partitions: 4);
        using var folder = new TemporaryFolder();
        await using var cluster = await Cluster(2, source);
        using var ended = new CancellationTokenSource();
        var options = Options("Label", Compute.Orleans(cluster.Client, _impatient)) with
        {
            Checkpoint = new CheckpointOptions(Path.Combine(folder.Path, "state")),
        };
        Assert.ThrowsAny<OperationCanceledException>(() => Fit(
            options with
            {
                CancellationToken = ended.Token,
                Training = Training with
                {
                    Progress = new Reports(report =>
                    {
                        if (report.Step == 4)
                        {
                            ended.Cancel();
                        }
                    }),
                },
            },
            ml => ml.MetaLearning().ClusterRows(cluster.Client)));

        var steps = new List<int>();
        var learner = Fit(
            options with { Training = Training with { Progress = new Reports(report => steps.Add(report.Step)) } },
            ml => ml.MetaLearning().ClusterRows(cluster.Client));

        Assert.Equal([0, 2, 4, 6], steps);
        Assert.Equal(InProcess(source, "Label"), learner);
    }

    [Fact]
    public async Task Fit_WhereASiloIsSlow_TakesTheFirstAnswer()
    {
        var source = TaskPartitions.Of(partitions: 3);
        using var release = new ManualResetEventSlim();
        source.OnRead = (partition, reads) =>
        {
            if (partition == 1 && reads == 0)
            {
                release.Wait(TimeSpan.FromMinutes(10));
            }
        };
        await using var cluster = await Cluster(2, source);
        var options = _impatient with { FirstLimit = TimeSpan.FromSeconds(1) };

        var learner = Fit(Compute.Orleans(cluster.Client, options), "Label", ml => ml.MetaLearning().ClusterRows(cluster.Client));

        release.Set();
        Assert.Equal(InProcess(source, "Label"), learner);
    }

    [Fact]
    public async Task Fit_WhenTheClusterIsLost_FailsAfterTheLimit_AndKeepsTheCheckpoint()
    {
        var source = TaskPartitions.Of(partitions: 2);
        using var folder = new TemporaryFolder();
        await using var cluster = await Cluster(1, source);
        var path = Path.Combine(folder.Path, "state");
        var options = Options("Label", Compute.Orleans(
            cluster.Client, new OrleansOptions { FirstLimit = TimeSpan.FromSeconds(1), LostAfter = TimeSpan.FromSeconds(5) })) with
        {
            Checkpoint = new CheckpointOptions(path) { Interval = TimeSpan.FromTicks(1) },
            Training = Training with
            {
                Progress = new Reports(report =>
                {
                    if (report.Step == 4)
                    {
                        cluster.KillSiloAsync(cluster.Silos[0]).GetAwaiter().GetResult();
                    }
                }),
            },
        };

        var failure = Assert.Throws<InvalidOperationException>(() => Fit(options, ml => ml.MetaLearning().ClusterRows(cluster.Client)));

        Assert.Contains("the cluster is lost", failure.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Fit_OfAPartitionThatCannotBeRead_NamesIt()
    {
        var source = TaskPartitions.Of(partitions: 3);
        source.OnRead = (partition, _) =>
        {
            if (partition == 2)
            {
                throw new FileNotFoundException("The disk is gone.");
            }
        };
        await using var cluster = await Cluster(1, source);

        var failure = Assert.Throws<InvalidOperationException>(() =>
            Fit(Compute.Orleans(cluster.Client, _impatient), "Label", ml => ml.MetaLearning().ClusterRows(cluster.Client)));

        Assert.Contains("Partition 2 cannot be used: The disk is gone.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_OfPartitionsThatDoNotFit_SaysHow()
    {
        var rows = ManyTasks.Sinusoids(4, 8);
        ManyTasks.Row[] wide =
        [
            .. ManyTasks.Sinusoids(2, 8, seed: 2).Select(row => new ManyTasks.Row
            {
                Task = $"wide {row.Task}", Features = [.. row.Features, 1], Label = row.Label, Labels = row.Labels, Class = row.Class,
            }),
        ];
        Assert.Contains("3 features", await Failure(new TaskPartitions(rows, wide)), StringComparison.Ordinal);
        Assert.Contains(
            "'machine 0' has rows in partitions 0 and 1", await Failure(new TaskPartitions(rows, rows)), StringComparison.Ordinal);
        Assert.Contains(
            "At least 2 are needed", await Failure(new TaskPartitions(ManyTasks.Sinusoids(1, 8))), StringComparison.Ordinal);

        static async Task<string> Failure(TaskPartitions source)
        {
            await using var cluster = await Cluster(1, source);
            return Assert.Throws<InvalidOperationException>(() => Fit(
                Compute.Orleans(cluster.Client, _impatient), "Label", ml => ml.MetaLearning().ClusterRows(cluster.Client))).Message;
        }
    }

    [Fact]
    public async Task Orleans_ForWhatItCannotServe_IsRefusedAtConstruction()
    {
        await using var cluster = await Cluster(1, TaskPartitions.Of(partitions: 2));
        var ml = new MLContext(1);
        var options = Options("Label", Compute.Orleans(cluster.Client));
        foreach (var wrong in (ComplexSynapseTrainer.Options[])
            [options with { Rule = MetaGradientRule.Unrolled() }, options with { Rule = MetaGradientRule.Contrastive(strength: null) }])
        {
            var failure = Assert.Throws<ArgumentException>(() => ml.MetaLearning().Regression.ComplexSynapse(wrong));
            Assert.Contains("Contrastive(strength: 0.1)", failure.Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentException>(() => ml.MetaLearning().Classification.ComplexSynapse(options with { Tasks = new Episodes() }));
        var augmented = options with { Standardize = false, Training = options.Training with { Augmentation = new(new(1, 1, 1)) } };
        Assert.Contains(
            "an augmentation of images", Assert.Throws<ArgumentException>(
                () => ml.MetaLearning().Regression.ComplexSynapse(augmented)).Message, StringComparison.Ordinal);
        var rows = ml.MetaLearning().ClusterRows(cluster.Client);
        Assert.Throws<InvalidOperationException>(() => rows.GetRowCursor(rows.Schema));
    }

    private static Compute Local => Compute.OnnxRuntime(tasksPerShard: 1);

    private static TrainingOptions Training => new() { Steps = 6, TasksPerStep = 5, ValidationInterval = 2, ValidationTasks = 4, Seed = 1 };

    private static ComplexSynapseTrainer.Options Options(string label, Compute compute) => new()
    {
        LabelColumnName = label,
        Tasks = new TaskColumn("Task"),
        Network = new MultilayerPerceptron { HiddenUnits = [6] },
        Adaptation = new() { Steps = 4 },
        Rule = MetaGradientRule.Contrastive(strength: 0.3, nudgedSteps: 3),
        Training = Training,
        Compute = compute,
    };

    private static byte[] InProcess(TaskPartitions source, string label) => Fit(Local, label, ml => ManyTasks.View(ml, source.All));

    private static byte[] Fit(Compute compute, string label, Func<MLContext, IDataView> rows) => Fit(Options(label, compute), rows);

    private static byte[] Fit(ComplexSynapseTrainer.Options options, Func<MLContext, IDataView> rows)
    {
        var ml = new MLContext(1);
        var trainer = options.LabelColumnName == "Key"
            ? ml.MetaLearning().Classification.ComplexSynapse(options)
            : ml.MetaLearning().Regression.ComplexSynapse(options);
        using var learner = trainer.Fit(rows(ml)).Learner;
        return learner.File.ToArray();
    }

    private static async Task<InProcessTestCluster> Cluster(
        short silos, IPartitionSource source, MetaLearningSiloOptions? options = null)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) => silo.AddMetaLearning(source, options ?? new MetaLearningSiloOptions { Threads = 1 }));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private sealed class Reports(Action<MetaTrainingProgress> report) : IProgress<MetaTrainingProgress>
    {
        public void Report(MetaTrainingProgress value) => report(value);
    }
}
