using MLNetMeta.Distributed.Grains;

namespace MLNetMeta.Distributed.Driver;

/// <summary>All partitions, wherever they are.</summary>
internal interface IPartitions : IDisposable
{
    /// <summary>An answer of a partition.</summary>
    /// <exception cref="InvalidOperationException">The partition says that it cannot, or the cluster is lost.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Task<T> Ask<T>(int partition, Func<IPartition, Task<T>> ask);

    /// <summary>Tells all partitions something of a job, which may be told again.</summary>
    /// <exception cref="InvalidOperationException">The cluster is lost.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Task Tell(Guid job, Func<IJob, Task> tell);

    /// <summary>Nothing will be asked of a job any more.</summary>
    void Forget(Guid job);
}
