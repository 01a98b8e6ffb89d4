using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using MLNetMeta.Distributed.Driver;
using MLNetMeta.Distributed.Grains;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms.Errors;

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

    /// <summary>Makes a silo hold partitions of tasks, and compute with them.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="source">Where it reads partitions from.</param>
    /// <param name="threads">Tasks that it works on at a time, at least 1; null (default) for one per processor.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one thread.</exception>
    public static ISiloBuilder AddMetaLearning(this ISiloBuilder silo, IPartitionSource source, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(source);
        if (threads < 1)
        {
            throw Throw.OptionTooSmall(nameof(threads), threads.Value, 1);
        }

        silo.Services.AddSingleton(source).AddSingleton<SiloJobs>()
            .AddSingleton(_ => new SiloWorkers(threads ?? Environment.ProcessorCount))
            .AddPlacementDirector<PartitionPlacement, PartitionPlacementDirector>();
        return silo;
    }
}
