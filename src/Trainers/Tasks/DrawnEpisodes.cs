namespace MLNetMeta.Trainers.Tasks;

/// <summary>Episodes that are drawn when they are asked for: a function of seed, step and task.</summary>
/// <param name="data">The rows, standardised.</param>
/// <param name="split">Where training and validation episodes come from.</param>
/// <param name="seed">Seed of the training.</param>
internal sealed class DrawnEpisodes(TaskData data, TaskSplit split, int seed) : IEpisodes
{
    public EpisodeRows Of(TaskRange tasks) => EpisodeRows.Of(data, [.. Draw(tasks)], tasks.First);

    /// <summary>The tasks one after the other, as they are drawn.</summary>
    public IEnumerable<Episode> Draw(TaskRange tasks)
    {
        var source = tasks.Use.IsHeldOut() ? split.Validation : split.Training;
        return Enumerable.Range(tasks.First, tasks.Count).Select(task => source.Draw(tasks.Generator(seed, task)));
    }
}
