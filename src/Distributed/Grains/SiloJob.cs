using System.Runtime.InteropServices;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Transforms;

namespace MLNetMeta.Distributed.Grains;

/// <summary>A job on a silo: its sessions, and the θ or learner file that was fetched last.</summary>
internal sealed class SiloJob(JobDefinition definition, IJobGrain grain) : IDisposable
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

    /// <summary>The learner of a version; null where nobody has it.</summary>
    public async Task<Learner?> Learner(long version) => (Learner?)await Fetch(version, bytes => Transforms.Learner.Load(bytes));

    public void Dispose()
    {
        if (_sessions.IsValueCreated)
        {
            _sessions.Value.Dispose();
        }
    }

    private async Task<object?> Fetch(long version, Func<byte[], object> read)
    {
        Task<object?> value;
        lock (_gate)
        {
            if (_last.Version != version)
            {
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
            Forget();
            throw;
        }

        Forget();
        return null;

        async Task<object?> Ask() => await grain.Blob(version) is { } bytes ? read(bytes) : null;

        // Asked for again, when the driver has said it again.
        void Forget()
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
}
