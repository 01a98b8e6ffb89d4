namespace MLNetMeta.Trainers.Tasks;

/// <summary>Tasks by their numbers, as rows in managed memory.</summary>
internal interface IEpisodes
{
    /// <summary>The rows of some tasks: the same whenever they are asked for. Thread-safe.</summary>
    EpisodeRows Of(TaskRange tasks);
}
