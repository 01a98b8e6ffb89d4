using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Torch;

/// <summary>Tasks by their numbers, as tensors.</summary>
internal interface IEpisodeBatches
{
    /// <summary>The rows of some tasks; the caller's. Thread-safe.</summary>
    EpisodeBatch Of(TaskRange tasks);
}
