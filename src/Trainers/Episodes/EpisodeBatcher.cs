using MLNetMeta.Trainers.Numerics;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Episodes;

/// <summary>Turns drawn episodes into task-batched tensors. Shorter episodes are padded with zero rows of weight 0.</summary>
/// <remarks>Features and targets are expected standardised; a one-hot row has as many columns as the largest episode has classes.</remarks>
internal sealed class EpisodeBatcher(TaskData data, Device? device = null)
{
    public EpisodeBatch Batch(IReadOnlyList<Episode> episodes)
    {
        using var scope = NewDisposeScope();
        var columns = data.IsClassification ? episodes.Max(e => e.ClassCount) : data.OutputCount;
        return new EpisodeBatch(
            Rows([.. episodes.Select(e => (e.Support, e.SupportClasses))], columns),
            Rows([.. episodes.Select(e => (e.Query, e.QueryClasses))], columns));
    }

    /// <summary>Draws and batches <paramref name="tasks"/> episodes.</summary>
    public EpisodeBatch Draw(IEpisodeSource source, Random random, int tasks) =>
        Batch([.. Enumerable.Range(0, tasks).Select(_ => source.Draw(random))]);

    private Rows<Tensor> Rows((int[] Rows, int[] Classes)[] episodes, int columns)
    {
        var (tasks, length) = (episodes.Length, episodes.Max(e => e.Rows.Length));
        var features = new float[tasks * length * data.FeatureCount];
        var targets = new float[tasks * length * columns];
        var weights = new float[tasks * length];
        for (var t = 0; t < tasks; t++)
        {
            var (rows, classes) = episodes[t];
            for (var i = 0; i < rows.Length; i++)
            {
                var at = (t * length) + i;
                data.FeaturesOf(rows[i]).CopyTo(features.AsSpan(at * data.FeatureCount));
                weights[at] = 1f / rows.Length;
                if (data.IsClassification)
                {
                    targets[(at * columns) + classes[i]] = 1;
                }
                else
                {
                    data.TargetsOf(rows[i]).CopyTo(targets.AsSpan(at * columns));
                }
            }
        }

        return new Rows<Tensor>(
            tensor(features, [tasks, length, data.FeatureCount], device: device),
            tensor(targets, [tasks, length, columns], device: device),
            tensor(weights, [tasks, length, 1], device: device));
    }
}
