using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Torch;

/// <summary>The same tasks whatever they are for, as they lie in a batch that stays its owner's.</summary>
internal sealed class FixedEpisodes(EpisodeBatch batch) : IEpisodeBatches
{
    public EpisodeBatch Of(TaskRange tasks) => batch.Slice(tasks.First, tasks.Count);
}
