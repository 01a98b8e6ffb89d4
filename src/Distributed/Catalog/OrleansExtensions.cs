using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using MLNetMeta.Distributed.Driver;
using MLNetMeta.Distributed.Grains;
using MLNetMeta.Distributed.Sources;
using MLNetMeta.Trainers;

namespace MLNetMeta.Distributed;

/// <summary>Meta-training on Microsoft Orleans: the driver's <c>Compute.Orleans</c>, and what a silo needs.</summary>
public static class OrleansExtensions
{
    extension(Compute)
    {
        /// <summary>
        /// The silos of a cluster, each of which has some partitions of the tasks in memory; for the contrastive rule of a given strength,
        /// and tasks of a column. The rows never come to this process.
        /// </summary>
        /// <remarks>
        /// The learner is the same to the bit for any number of silos, and whatever silos fail on the way: that which
        /// <c>Compute.OnnxRuntime(tasksPerShard: 1)</c> gives for the rows of all partitions, one after the other.
        /// </remarks>
        /// <param name="client">A client that is connected to the cluster.</param>
        /// <param name="options">Limits of time; null for the defaults.</param>
        public static Compute Orleans(IClusterClient client, OrleansOptions? options = null)
        {
            ArgumentNullException.ThrowIfNull(client);
            return new OrleansCompute(client, options ?? new OrleansOptions());
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
        var partitions = new PartitionClient(client, options ?? new OrleansOptions(), CancellationToken.None);
        return new ClusterView(partitions.Ask(0, grain => grain.Columns()).GetAwaiter().GetResult(), labelColumnName);
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
    public static ISiloBuilder AddMetaLearning(
        this ISiloBuilder silo, IPartitionSource source, MetaLearningSiloOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(source);
        silo.Services.AddSingleton(source).AddSingleton(options ?? new MetaLearningSiloOptions())
            .AddSingleton<SiloJobs>().AddSingleton<SiloWorkers>().AddSingleton<PartitionMemory>()
            .AddPlacementDirector<PartitionPlacement, PartitionPlacementDirector>();
        return silo;
    }
}
