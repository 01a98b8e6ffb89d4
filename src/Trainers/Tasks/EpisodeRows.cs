using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>
/// Support and query rows of T tasks in managed memory, task axis first. Shorter episodes are padded with zero rows of weight 0.
/// </summary>
/// <param name="Support">
/// Features <c>[tasks, support, features]</c>, targets <c>[tasks, support, outputs]</c>, weights <c>[tasks, support, 1]</c>; where targets
/// may be missing, weights <c>[tasks, support, outputs]</c>.
/// </param>
/// <param name="Query">Shaped likewise.</param>
/// <param name="FirstTask">Number, in the whole meta-batch, of the first task: so that an error can name a task.</param>
internal sealed record EpisodeRows(Rows<HostTensor> Support, Rows<HostTensor> Query, int FirstTask)
{
    /// <summary>Rows of the longest support and query together.</summary>
    public int RowsPerTask => (int)(Support.Features.Shape[1] + Query.Features.Shape[1]);

    /// <summary>Gathers the rows of episodes.</summary>
    /// <remarks>
    /// Features and targets are expected standardised; a one-hot row has as many columns as the largest episode has classes.
    /// </remarks>
    /// <param name="data">The rows.</param>
    /// <param name="episodes">The episodes, at least one.</param>
    /// <param name="firstTask">Number of the first episode in the whole meta-batch.</param>
    public static EpisodeRows Of(TaskData data, IReadOnlyList<Episode> episodes, int firstTask = 0)
    {
        var columns = data.IsClassification ? episodes.Max(e => e.ClassCount) : data.OutputCount;
        return new EpisodeRows(
            Gather(data, [.. episodes.Select(e => (e.Support, e.SupportClasses))], columns),
            Gather(data, [.. episodes.Select(e => (e.Query, e.QueryClasses))], columns),
            firstTask);
    }

    private static Rows<HostTensor> Gather(TaskData data, (int[] Rows, int[] Classes)[] episodes, int columns)
    {
        var (tasks, length) = (episodes.Length, episodes.Max(e => e.Rows.Length));
        var features = new float[tasks * length * data.FeatureCount];
        var targets = new float[tasks * length * columns];
        // One share for each row, or for each target where some may be missing.
        var shares = data.MayMissTargets ? columns : 1;
        var weights = new float[tasks * length * shares];
        for (var t = 0; t < tasks; t++)
        {
            var (rows, classes) = episodes[t];
            var total = rows.Sum(row => (double)data.WeightOf(row));
            for (var i = 0; i < rows.Length; i++)
            {
                var at = (t * length) + i;
                data.FeaturesOf(rows[i]).CopyTo(features.AsSpan(at * data.FeatureCount));
                if (data.IsClassification)
                {
                    targets[(at * columns) + classes[i]] = 1;
                }
                else
                {
                    data.TargetsOf(rows[i]).CopyTo(targets.AsSpan(at * columns));
                }

                if (!data.MayMissTargets)
                {
                    weights[at] = (float)(data.WeightOf(rows[i]) / total);
                }
            }

            if (data.MayMissTargets)
            {
                var (start, count) = (t * length * columns, rows.Length * columns);
                ShareAmongObserved(targets.AsSpan(start, count), weights.AsSpan(start, count), i => data.WeightOf(rows[i / columns]));
            }
        }

        return new Rows<HostTensor>(
            new(features, [tasks, length, data.FeatureCount]), new(targets, [tasks, length, columns]),
            new(weights, [tasks, length, shares]));
    }

    /// <summary>Every observed target gets a share by the weight of its row; missing ones get none, and 0 for NaN.</summary>
    private static void ShareAmongObserved(Span<float> targets, Span<float> weights, Func<int, float> weightOf)
    {
        var total = 0.0;
        for (var i = 0; i < targets.Length; i++)
        {
            total += float.IsNaN(targets[i]) ? 0 : weightOf(i);
        }

        for (var i = 0; i < targets.Length; i++)
        {
            if (float.IsNaN(targets[i]))
            {
                targets[i] = 0;
            }
            else
            {
                weights[i] = (float)(weightOf(i) / total);
            }
        }
    }
}
