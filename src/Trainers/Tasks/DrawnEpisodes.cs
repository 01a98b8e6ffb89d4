namespace MLNetMeta.Trainers.Tasks;

/// <summary>Episodes that are drawn when they are asked for: a function of seed, step and task.</summary>
/// <param name="data">The rows, standardised.</param>
/// <param name="split">Where training and validation episodes come from.</param>
/// <param name="seed">Seed of the training.</param>
/// <param name="augmentation">Variants of the images of training tasks; null for none.</param>
internal sealed class DrawnEpisodes(TaskData data, TaskSplit split, int seed, ImageAugmentation? augmentation = null) : IEpisodes
{
    public EpisodeRows Of(TaskRange tasks)
    {
        (Episode Episode, Random Generator)[] drawn = [.. DrawWithGenerators(tasks)];
        var rows = EpisodeRows.Of(data, [.. drawn.Select(task => task.Episode)], tasks.First);
        if (augmentation is not null && tasks.Use == TaskUse.Training)
        {
            for (var task = 0; task < drawn.Length; task++)
            {
                augmentation.Vary(Images(rows.Support.Features, task, drawn[task].Episode.Support.Length), drawn[task].Generator);
                augmentation.Vary(Images(rows.Query.Features, task, drawn[task].Episode.Query.Length), drawn[task].Generator);
            }
        }

        return rows;
    }

    /// <summary>The tasks one after the other, as they are drawn.</summary>
    public IEnumerable<Episode> Draw(TaskRange tasks) => DrawWithGenerators(tasks).Select(task => task.Episode);

    private IEnumerable<(Episode Episode, Random Generator)> DrawWithGenerators(TaskRange tasks)
    {
        var source = tasks.Use.IsHeldOut() ? split.Validation : split.Training;
        return Enumerable.Range(tasks.First, tasks.Count).Select(task =>
        {
            var generator = tasks.Generator(seed, task);
            return (source.Draw(generator), generator);
        });
    }

    // Without the rows that pad shorter tasks: how many there are depends on what other tasks are asked for.
    private static Span<float> Images(Operators.HostTensor features, int task, int rows)
    {
        var (longest, width) = ((int)features.Shape[1], (int)features.Shape[2]);
        return features.Values.AsSpan(task * longest * width, rows * width);
    }
}
