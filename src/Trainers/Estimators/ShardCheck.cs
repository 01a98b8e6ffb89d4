namespace MLNetMeta.Trainers.Estimators;

/// <summary>Checks how tasks are divided among threads.</summary>
internal static class ShardCheck
{
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public static void Arguments(int? threads, int tasksPerShard)
    {
        if (threads < 1)
        {
            throw Throw.Option(nameof(threads), threads, "at least 1");
        }

        if (tasksPerShard < 1)
        {
            throw Throw.Option(nameof(tasksPerShard), tasksPerShard, "at least 1");
        }
    }
}
