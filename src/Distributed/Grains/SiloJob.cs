using System.Runtime.InteropServices;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Transforms;

namespace MLNetMeta.Distributed.Grains;

/// <summary>A job on a silo: its sessions, and the θ or learner file that was fetched last.</summary>
internal sealed class SiloJob(JobDefinition definition, IJob source) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Lazy<MetaTrainingSessions> _sessions = new(() => new(definition.ReadProgram(), ExecutionProvider.Cpu));
    private (long Version, Task<object?> Value) _last = (long.MinValue, Task.FromResult<object?>(null));

    public JobDefinition Definition => definition;

    /// <summary>Of a job that trains.</summary>
    public MetaTrainingSessions Sessions => _sessions.Value;

    /// <summary>θ of a version; null where nobody has it.</summary>
    public async Task<float[]?> Theta(long version) =>
        (float[]?)await Fetch(version, bytes => MemoryMarshal.Cast<byte, float>(bytes).ToArray());

    /// <summary>The learner of a version, until the lease is disposed of; null where nobody has it.</summary>
    public async Task<Shared<Learner>.Lease?> Learner(long version) =>
        ((Shared<Learner>?)await Fetch(version, bytes => new Shared<Learner>(Transforms.Learner.Load(bytes))))?.Use();

    public void Dispose()
    {
        if (_sessions.IsValueCreated)
        {
            _sessions.Value.Dispose();
        }

        Forget(_last.Value);
    }

    private async Task<object?> Fetch(long version, Func<byte[], object> read)
    {
        Task<object?> value;
        lock (_gate)
        {
            if (_last.Version != version)
            {
                Forget(_last.Value);
                _last = (version, Ask());
            }

            value = _last.Value;
        }

        try
        {
            if (await value is { } known)
            {
                return known;
            }
        }
        catch
        {
            AskAgain();
            throw;
        }

        AskAgain();
        return null;

        async Task<object?> Ask() => await source.Blob(version).WaitAsync(SiloJobs.FetchLimit) is { } bytes ? read(bytes) : null;

        // When the driver has said it again.
        void AskAgain()
        {
            lock (_gate)
            {
                if (_last.Version == version)
                {
                    _last = (long.MinValue, Task.FromResult<object?>(null));
                }
            }
        }
    }

    // A learner has sessions; they end with the last task that is measured with it.
    private static void Forget(Task<object?> value) => value.ContinueWith(
        of => (of.Result as IDisposable)?.Dispose(), CancellationToken.None,
        TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
