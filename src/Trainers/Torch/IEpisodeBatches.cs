using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Torch;

/// <summary>Tasks by their numbers, as tensors.</summary>
internal interface IEpisodeBatches
{
    /// <summary>The rows of some tasks; the caller's. Thread-safe.</summary>
    EpisodeBatch Of(TaskRange tasks);
}

/// <summary>The same tasks whatever they are for, as they lie in a batch that stays its owner's.</summary>
internal sealed class FixedEpisodes(EpisodeBatch batch) : IEpisodeBatches
{
    public EpisodeBatch Of(TaskRange tasks) => batch.Slice(tasks.First, tasks.Count);
}
