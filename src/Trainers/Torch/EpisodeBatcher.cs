using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Tasks;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Torch;

/// <summary>Turns drawn episodes into task-batched tensors. Shorter episodes are padded with zero rows of weight 0.</summary>
/// <remarks>Features and targets are expected standardised; a one-hot row has as many columns as the largest episode has classes.</remarks>
internal sealed class EpisodeBatcher(TaskData data, Device? device = null)
{
    /// <param name="episodes">The episodes, at least one.</param>
    /// <param name="firstTask">See <see cref="EpisodeBatch.FirstTask"/>.</param>
    public EpisodeBatch Batch(IReadOnlyList<Episode> episodes, int firstTask = 0)
    {
        using var scope = NewDisposeScope();
        var columns = data.IsClassification ? episodes.Max(e => e.ClassCount) : data.OutputCount;
        return new EpisodeBatch(
            Rows([.. episodes.Select(e => (e.Support, e.SupportClasses))], columns),
            Rows([.. episodes.Select(e => (e.Query, e.QueryClasses))], columns))
        {
            FirstTask = firstTask,
        };
    }

    private Rows<Tensor> Rows((int[] Rows, int[] Classes)[] episodes, int columns)
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
                    weights[at] = 1f / rows.Length;
                }
            }

            if (data.MayMissTargets)
            {
                var (start, count) = (t * length * columns, rows.Length * columns);
                ShareAmongObserved(targets.AsSpan(start, count), weights.AsSpan(start, count));
            }
        }

        return new Rows<Tensor>(
            tensor(features, [tasks, length, data.FeatureCount], device: device),
            tensor(targets, [tasks, length, columns], device: device),
            tensor(weights, [tasks, length, shares], device: device));
    }

    /// <summary>Every observed target gets the same share; missing ones get none, and 0 for NaN.</summary>
    private static void ShareAmongObserved(Span<float> targets, Span<float> weights)
    {
        var missing = 0;
        foreach (var target in targets)
        {
            missing += float.IsNaN(target) ? 1 : 0;
        }

        for (var i = 0; i < targets.Length; i++)
        {
            if (float.IsNaN(targets[i]))
            {
                targets[i] = 0;
            }
            else
            {
                weights[i] = 1f / (targets.Length - missing);
            }
        }
    }
}
