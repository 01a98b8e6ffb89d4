using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>Up to three small tasks of one output for each meta-step, and three others for validation.</summary>
internal sealed class SeededTasks : IEpisodeBatches
{
    public EpisodeBatch Of(TaskRange tasks)
    {
        using var all = Zoo.Tasks(Zoo.OneOutput, tasks: 3, seed: tasks.Use == TaskUse.Validation ? 99 : tasks.Step);
        using var slice = all.Slice(tasks.First, tasks.Count);
        return slice.To(ScalarType.Float32);
    }
}
