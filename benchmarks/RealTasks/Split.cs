namespace MLNetMeta.RealTasks;

/// <summary>Which tasks are for training, which for choosing settings, and which are looked at once, at the end.</summary>
/// <param name="Training">Three fifths of the tasks.</param>
/// <param name="Validation">A fifth.</param>
/// <param name="Test">A fifth; at most <see cref="MostTasks"/>.</param>
internal sealed record Split(int[] Training, int[] Validation, int[] Test)
{
    // Intervals over 5 × 40 tasks are narrow enough.
    public const int MostTasks = 40;

    public static Split Of(TaskSet set, int seed)
    {
        int[] order = [.. Enumerable.Range(0, set.Tasks.Length)];
        new Random(seed).Shuffle(order);
        var fifth = (order.Length + 2) / 5;
        var test = order[..fifth];
        var validation = order[fifth..(2 * fifth)];
        return new Split(order[(2 * fifth)..], validation, test[..Math.Min(test.Length, MostTasks)]);
    }
}
