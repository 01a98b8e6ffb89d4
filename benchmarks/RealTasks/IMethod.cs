namespace MLNetMeta.RealTasks;

/// <summary>A way to learn tasks, with settings to choose from.</summary>
internal interface IMethod
{
    string Name { get; }

    /// <summary>The settings in words, at least one; one only means that nothing is chosen.</summary>
    IReadOnlyList<string> Settings { get; }

    /// <summary>Whether it serves the set.</summary>
    bool Serves(TaskSet set);

    /// <summary>Learns what the tasks have in common, if anything.</summary>
    ITaskModel Fit(TaskSet set, int[] tasks, int setting, int seed);
}
