using System.Collections.Concurrent;

namespace MLNetMeta.GpuCheck;

/// <summary>Tasks that are drawn once: what is timed is the meta-step and not the drawing.</summary>
internal sealed class KeptEpisodes(Case @case) : IEpisodes
{
    private readonly ConcurrentDictionary<TaskRange, EpisodeRows> _kept = [];

    public EpisodeRows Of(TaskRange tasks) => _kept.GetOrAdd(tasks, @case.Draw);
}
