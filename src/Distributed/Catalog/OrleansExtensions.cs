using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using MLNetMeta.Distributed.Driver;
using MLNetMeta.Distributed.Grains;
using MLNetMeta.Distributed.Sources;
using MLNetMeta.Trainers;

namespace MLNetMeta.Distributed;

/// <summary>Meta-training with partitions of tasks, on Microsoft Orleans or in one process.</summary>
public static class OrleansExtensions
{
    extension(Compute)
    {
        /// <summary>
        /// The silos of a cluster, each of which has some partitions of the tasks in memory; for the contrastive rule of a given strength,
        /// and tasks of a column. The rows never come to this process.
        /// </summary>
        /// <remarks>
        /// The learner is the same to the bit for any number of silos, whatever silos fail on the way, and in one process:
        /// <see cref="Partitions(IPartitionSource, MetaLearningSiloOptions?, int)"/>. With
        /// <see cref="OrleansOptions.TasksPerRequest"/> = 1 it is also that of <c>Compute.OnnxRuntime(tasksPerShard: 1)</c> for the rows of
        /// all partitions, one after the other. Silos with processors of another kind may round otherwise.
        /// </remarks>
        /// <param name="client">A client that is connected to the cluster.</param>
        /// <param name="options">Tasks per request and limits of time; null for the defaults.</param>
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
        /// This process, which reads partitions as a silo does: for tasks in partitions that one machine can work off, and for more rows
        /// than fit in its memory. For the contrastive rule of a given strength, and tasks of a column. Give
        /// <see cref="PartitionRows(MetaLearningCatalog, IPartitionSource, string)"/> to Fit.
        /// </summary>
        /// <param name="source">Where partitions are read from.</param>
        /// <param name="options">Threads and memory that may be used; null for the defaults.</param>
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

    /// <summary>The columns of the rows in a cluster, to give to Fit. The view has no rows that could be read.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="client">A client that is connected to the cluster.</param>
    /// <param name="labelColumnName">The label: texts become keys. Default "Label".</param>
    /// <param name="options">Limits of time; null for the defaults.</param>
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
    /// The columns of a source's rows, to give to Fit with <c>Compute.Partitions</c>. The view has no rows that could be read.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="source">Where partitions are read from.</param>
    /// <param name="labelColumnName">The label: texts become keys. Default "Label".</param>
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
    /// Writes rows to Parquet files that <see cref="ParquetPartitions"/> read, in one pass. A hash of its name decides which file a task
    /// goes to, so that all its rows are together. Vectors become columns <c>Features.0</c>, <c>Features.1</c> and so on.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="folder">The folder. It is created, and must not have Parquet files.</param>
    /// <param name="taskColumnName">Column with the task of a row, of any scalar type.</param>
    /// <param name="labelColumnName">The label: a text, a key of text names or a Boolean for classes; else a number or a vector of numbers.
    /// Default "Label".</param>
    /// <param name="featureColumnName">The features: a number or a vector of known size. Default "Features".</param>
    /// <param name="exampleWeightColumnName">The weight of a row; null (default) when all rows weigh the same.</param>
    /// <param name="partitions">Number of files, at least 1; fewer are written where the tasks are few. Take several for each thread of the
    /// cluster. Default 256.</param>
    /// <param name="cancellation">Stops the writing.</param>
    /// <returns>Number of files that were written.</returns>
    /// <exception cref="ArgumentException">The folder has Parquet files; a column has a type that cannot be written.</exception>
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

    /// <summary>Makes a silo hold partitions of tasks, and compute with them.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="source">Where it reads partitions from.</param>
    /// <param name="options">Threads and memory that it may use; null for the defaults.</param>
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
