using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Distributed.Grains;

/// <summary>Draws the rows of tasks as the driver's generators would: a function of seed, step and task.</summary>
internal sealed class PartitionDraw(JobDefinition job, TaskData data, PartitionRequest request)
{
    private readonly TaskSource _source = new(
        data, [], new SupportSize(new RowRange(job.FewestSupportRows, job.MostSupportRows), job.SupportOfEachClass), job.QueryRows);

    public Episode Episode(DrawnTask task)
    {
        var range = request.Range(task.Number);
        var generator = range.Generator(job.Seed, task.Number);
        // The driver has taken the same number from the same generator, to find the task and its partition.
        TaskSource.Pick(range.Use.IsHeldOut() ? job.ValidationTasks : job.TrainingTasks, generator);
        return _source.DrawOf(task.Task, generator);
    }

    public EpisodeRows Rows(DrawnTask task) => EpisodeRows.Of(data, [Episode(task)], task.Number);
}
