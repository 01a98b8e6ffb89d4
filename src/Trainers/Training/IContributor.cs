using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Training;

/// <summary>
/// Whoever computes what tasks add to a meta-step: threads of this process, a device, other
/// machines. The loop above knows nothing else of them.
/// </summary>
/// <remarks>
/// θ and what is added to it are single vectors. The same θ and tasks give the same bits, however often they are asked for.
/// </remarks>
internal interface IContributor : IDisposable
{
    /// <summary>What the tasks add to the meta-gradient. Thread-safe.</summary>
    /// <exception cref="DivergenceException">A phase diverged; the message names the task.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, which is asked for at every step of a phase.</exception>
    Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default);

    /// <summary>What the tasks come to after a free phase. Thread-safe.</summary>
    /// <exception cref="DivergenceException">A phase diverged; the message names the task.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, which is asked for at every step of a phase.</exception>
    Validation Validate(float[] theta, TaskRange tasks, CancellationToken cancellation = default);
}
