namespace MLNetMeta.Trainers.Tasks;

/// <summary>
/// Tasks of a meta-training by their numbers: which, not what. What they are follows from
/// the seed, so that any worker can draw any of them.
/// </summary>
/// <param name="Use">What they are for.</param>
/// <param name="Step">Training: the meta-step; otherwise 0.</param>
/// <param name="First">Number of the first one within the step.</param>
/// <param name="Count">How many, at least 1.</param>
internal readonly record struct TaskRange(TaskUse Use, int Step, int First, int Count)
{
    /// <summary>The meta-batch of a step.</summary>
    public static TaskRange Training(int step, int tasks) => new(TaskUse.Training, step, 0, tasks);

    /// <summary>The tasks by which the best θ is chosen.</summary>
    public static TaskRange Validation(int tasks) => new(TaskUse.Validation, 0, 0, tasks);

    /// <summary>Tasks of the training data on which nudging is tried out before it.</summary>
    public static TaskRange Pilot(int tasks) => new(TaskUse.Pilot, 0, 0, tasks);

    /// <summary>Validation tasks that say how sure a learner may be.</summary>
    public static TaskRange Certainty(int tasks) => new(TaskUse.Certainty, 0, 0, tasks);

    /// <summary>These tasks in parts of a fixed size; the last one takes what is left.</summary>
    public TaskRange[] Shards(int tasks)
    {
        var shards = new TaskRange[(Count + tasks - 1) / tasks];
        for (var s = 0; s < shards.Length; s++)
        {
            shards[s] = this with { First = First + (s * tasks), Count = Math.Min(tasks, Count - (s * tasks)) };
        }

        return shards;
    }

    /// <summary>The generator of one of these tasks: a function of all that tells it apart from others.</summary>
    public Random Generator(int seed, int task) => new((int)Mixed(Mixed(Mixed(Mixed((uint)seed) ^ (uint)Use) ^ (uint)Step) ^ (uint)task));

    // The finaliser of SplitMix64 (Steele et al., 2014): neighbouring numbers give unrelated generators.
    private static ulong Mixed(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
