namespace MLNetMeta.Trainers.Tasks;

internal static class RandomSampling
{
    /// <summary><paramref name="count"/> different elements in random order (the head of a Fisher–Yates shuffle).</summary>
    public static int[] WithoutReplacement(this Random random, int[] from, int count)
    {
        var pool = (int[])from.Clone();
        for (var i = 0; i < count; i++)
        {
            var j = random.Next(i, pool.Length);
            (pool[i], pool[j]) = (pool[j], pool[i]);
        }

        return pool[..count];
    }
}
