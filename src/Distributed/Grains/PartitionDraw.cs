using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Distributed.Grains;

/// <summary>Draws the rows of tasks as the driver's generators would: a function of seed, step and task.</summary>
internal sealed class PartitionDraw(JobDefinition job, TaskData data, PartitionRequest request)
{
    private readonly TaskSource _source = new(
        data, [], new SupportSize(new RowRange(job.FewestSupportRows, job.MostSupportRows), job.SupportOfEachClass), job.QueryRows);

    /// <summary>The episode of a block's task, by its place in the block.</summary>
    public Episode Episode(TaskBlock block, int place)
    {
        var number = block.First + place;
        var generator = request.Range(number).Generator(job.Seed, number);
        // The driver has taken the same number from the same generator, to find the task.
        TaskSource.Pick(block.PickedAmong, generator);
        return _source.DrawOf(block.Tasks[place], generator);
    }

    /// <summary>The rows of a block.</summary>
    public EpisodeRows Rows(TaskBlock block) =>
        EpisodeRows.Of(data, [.. Enumerable.Range(0, block.Tasks.Length).Select(place => Episode(block, place))], block.First);
}
