using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using MLNetMeta.Distributed.Driver;
using MLNetMeta.Distributed.Grains;
using MLNetMeta.Distributed.Sources;
using MLNetMeta.Trainers;

namespace MLNetMeta.Distributed;

/// <summary>Extensions for meta-training with partitions of tasks, on Microsoft Orleans or in one process.</summary>
public static class OrleansExtensions
{
    extension(Compute)
    {
        /// <summary>
        /// Meta-trains on the silos of a cluster. Each silo has some partitions of the tasks in memory. The rows never reach this process.
        /// This needs the contrastive rule with a given strength, and tasks from a task column.
        /// </summary>
        /// <remarks>
        /// The learner is the same, bit for bit, for any number of silos, even if silos fail on the way. It is also the same in one
        /// process: <see cref="Partitions(IPartitionSource, MetaLearningSiloOptions?, int)"/>. With
        /// <see cref="OrleansOptions.TasksPerRequest"/> = 1 it also equals the learner of <c>Compute.OnnxRuntime(tasksPerShard: 1)</c> for
        /// the rows of all partitions, one after the other. Silos with a different kind of processor may round differently.
        /// </remarks>
        /// <param name="client">A client that is connected to the cluster.</param>
        /// <param name="options">Tasks per request and time limits; null for the defaults.</param>
        /// <example>
        /// <code>
        /// var options = new ComplexSynapseTrainer.Options
        /// {
        ///     Tasks = new TaskColumn("Machine"),
        ///     Compute = Compute.Orleans(client),
        /// };
        /// var trainer = ml.MetaLearning().Regression.ComplexSynapse(options);
        /// Learner learner = trainer.Fit(ml.MetaLearning().ClusterRows(client)).Learner;
        /// </code>
        /// </example>
        public static Compute Orleans(IClusterClient client, OrleansOptions? options = null)
        {
            ArgumentNullException.ThrowIfNull(client);
            options ??= new OrleansOptions();
            return new PartitionedCompute(
                cancellation => new PartitionClient(client, options, cancellation), options.TasksPerRequest);
        }

        /// <summary>
        /// Meta-trains in this process, which reads partitions like a silo. Use it if one machine is enough for the tasks, even if their
        /// rows do not fit in its memory. This needs the contrastive rule with a given strength, and tasks from a task column. Pass
        /// <see cref="PartitionRows(MetaLearningCatalog, IPartitionSource, string)"/> to Fit.
        /// </summary>
        /// <param name="source">Where partitions are read from.</param>
        /// <param name="options">Threads and memory that this process may use; null for the defaults.</param>
        /// <param name="tasksPerRequest">See <see cref="OrleansOptions.TasksPerRequest"/>. Default 8.</param>
        /// <exception cref="ArgumentOutOfRangeException">Fewer than one task per request.</exception>
        /// <example>
        /// <code>
        /// var source = new ParquetPartitions("partitions", taskColumnName: "Machine");
        /// var options = new ComplexSynapseTrainer.Options
        /// {
        ///     Tasks = new TaskColumn("Machine"),
        ///     Compute = Compute.Partitions(source, new MetaLearningSiloOptions { MemoryLimit = 2_000_000_000 }),
        /// };
        /// var trainer = ml.MetaLearning().Regression.ComplexSynapse(options);
        /// Learner learner = trainer.Fit(ml.MetaLearning().PartitionRows(source)).Learner;
        /// </code>
        /// </example>
        public static Compute Partitions(IPartitionSource source, MetaLearningSiloOptions? options = null, int tasksPerRequest = 8)
        {
            ArgumentNullException.ThrowIfNull(source);
            ArgumentOutOfRangeException.ThrowIfLessThan(tasksPerRequest, 1);
            options ??= new MetaLearningSiloOptions();
            return new PartitionedCompute(cancellation => new LocalPartitions(source, options, cancellation), tasksPerRequest);
        }
    }

    /// <summary>Creates a view with the columns of the rows in a cluster, to pass to Fit. Its rows cannot be read.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="client">A client that is connected to the cluster.</param>
    /// <param name="labelColumnName">The label column. Texts become keys. Default "Label".</param>
    /// <param name="options">Time limits; null for the defaults.</param>
    /// <exception cref="InvalidOperationException">No silo answers, or partition 0 cannot be read.</exception>
    public static IDataView ClusterRows(
        this MetaLearningCatalog catalog, IClusterClient client, string labelColumnName = "Label", OrleansOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        using var partitions = new PartitionClient(client, options ?? new OrleansOptions(), CancellationToken.None);
        return ClusterView.Of(partitions, labelColumnName);
    }

    /// <summary>
    /// Creates a view with the columns of a source's rows, to pass to Fit with <c>Compute.Partitions</c>. Its rows cannot be read.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="source">Where partitions are read from.</param>
    /// <param name="labelColumnName">The label column. Texts become keys. Default "Label".</param>
    /// <exception cref="InvalidOperationException">Partition 0 cannot be read.</exception>
    public static IDataView PartitionRows(this MetaLearningCatalog catalog, IPartitionSource source, string labelColumnName = "Label")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        using var partitions = new LocalPartitions(source, new MetaLearningSiloOptions(), CancellationToken.None);
        return ClusterView.Of(partitions, labelColumnName);
    }

    /// <summary>
    /// Writes rows to Parquet files for <see cref="ParquetPartitions"/>, in one pass. A hash of the task's name determines its file, so
    /// that all rows of a task are in one file. Vectors become columns <c>Features.0</c>, <c>Features.1</c> and so on.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="folder">The folder. It is created, and must not contain Parquet files.</param>
    /// <param name="taskColumnName">The column that says which task a row belongs to, of any scalar type.</param>
    /// <param name="labelColumnName">
    /// The label column. Classification: a text, a key with text names or a Boolean. Regression: a number or a vector of numbers. Default
    /// "Label".
    /// </param>
    /// <param name="featureColumnName">The feature column: a number or a vector of known size. Default "Features".</param>
    /// <param name="exampleWeightColumnName">Column with the weight of a row; null (default) if all rows have the same weight.</param>
    /// <param name="partitions">
    /// Number of files, at least 1. With few tasks, fewer files are written. Use several files for each thread of the cluster. Default 256.
    /// </param>
    /// <param name="cancellation">Stops the writing.</param>
    /// <returns>Number of files that were written.</returns>
    /// <exception cref="ArgumentException">The folder contains Parquet files, or a column has a type that cannot be written.</exception>
    /// <exception cref="FormatException">A column is missing, or has a type that cannot be written.</exception>
    /// <example>
    /// <code>
    /// ml.MetaLearning().SavePartitions(rows, "partitions", taskColumnName: "Machine", partitions: 256);
    /// </code>
    /// </example>
    public static int SavePartitions(
        this MetaLearningCatalog catalog, IDataView rows, string folder, string taskColumnName, string labelColumnName = "Label",
        string featureColumnName = "Features", string? exampleWeightColumnName = null, int partitions = 256,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(taskColumnName);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(featureColumnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return PartitionWriter.Write(
            rows, folder, taskColumnName, labelColumnName, featureColumnName, exampleWeightColumnName, partitions, cancellation)
            .GetAwaiter().GetResult();
    }

    /// <summary>Lets a silo hold partitions of tasks and compute with them.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="source">Where the silo reads partitions from.</param>
    /// <param name="options">Threads and memory that the silo may use; null for the defaults.</param>
    /// <example>
    /// <code>
    /// var builder = Host.CreateApplicationBuilder();
    /// builder.UseOrleans(silo =&gt; silo
    ///     .UseLocalhostClustering()
    ///     .AddMetaLearning(new ParquetPartitions("partitions", taskColumnName: "Machine"), new MetaLearningSiloOptions { Threads = 8 }));
    /// builder.Build().Run();
    /// </code>
    /// </example>
    public static ISiloBuilder AddMetaLearning(
        this ISiloBuilder silo, IPartitionSource source, MetaLearningSiloOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(source);
        silo.Services.AddSingleton(source).AddSingleton(options ?? new MetaLearningSiloOptions())
            .AddSingleton<SiloWorkers>().AddSingleton<PartitionMemory>()
            .AddSingleton(services => new SiloJobs(id => services.GetRequiredService<IGrainFactory>().GetGrain<IJobGrain>(id)))
            .AddPlacementDirector<PartitionPlacement, PartitionPlacementDirector>();
        return silo;
    }
}
