using MLNetMeta.Trainers.Tasks;
using TorchSharp;

namespace MLNetMeta.Trainers.Torch;

/// <summary>Episodes that are copied to a device when they are asked for.</summary>
internal sealed class EpisodesOnDevice(IEpisodes episodes, torch.Device device) : IEpisodeBatches
{
    public EpisodeBatch Of(TaskRange tasks) => EpisodeBatch.Of(episodes.Of(tasks), device);
}
