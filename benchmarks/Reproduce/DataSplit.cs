namespace MLNetMeta.Reproduce;

/// <summary>Rows to train on, as many to validate on, and rows to test on; in random order.</summary>
internal sealed record DataSplit(LabelledRows Data, int[] Train, int[] Validation, int[] Test)
{
    private const int MostTestRows = 5000;

    /// <summary>Rows by chance; the rest, 5,000 at most, to test.</summary>
    /// <exception cref="ArgumentException">There are too few rows.</exception>
    public static DataSplit ByChance(LabelledRows data, int rows, int seed)
    {
        if (data.Classes.Length < (2 * rows) + 1)
        {
            throw new ArgumentException(
                $"The data has {data.Classes.Length} rows: {rows} training and {rows} validation rows leave none for testing. "
                + "Lower --rows.");
        }

        var order = Shuffled(data.Classes.Length, seed);
        return new DataSplit(
            data, order[..rows], order[rows..(2 * rows)], order[(2 * rows)..Math.Min(order.Length, (2 * rows) + MostTestRows)]);
    }

    /// <summary>The official test rows, which come last in the data; of the others one half to train and one to validate.</summary>
    /// <param name="data">The data.</param>
    /// <param name="testRows">How many test rows.</param>
    /// <param name="rows">At most so many training and as many validation rows; null for all.</param>
    /// <param name="seed">Seed.</param>
    public static DataSplit Official(LabelledRows data, int testRows, int? rows, int seed)
    {
        var order = Shuffled(data.Classes.Length - testRows, seed);
        var half = Math.Min(rows ?? int.MaxValue, order.Length / 2);
        return new DataSplit(data, order[..half], order[half..(2 * half)], [.. Enumerable.Range(order.Length, testRows)]);
    }

    /// <summary>Drawers by chance: 7 of 20 to train, 7 to validate, 6 to test.</summary>
    public static DataSplit ByDrawer(LabelledRows data, int[] drawers, int seed)
    {
        var order = Shuffled(drawers.Max() + 1, seed);
        var each = order.Length * 7 / 20;
        return new DataSplit(data, Of(order[..each]), Of(order[each..(2 * each)]), Of(order[(2 * each)..]));

        int[] Of(int[] some)
        {
            var rows = Enumerable.Range(0, drawers.Length).Where(r => some.Contains(drawers[r])).ToArray();
            new Random(seed).Shuffle(rows);
            return rows;
        }
    }

    private static int[] Shuffled(int count, int seed)
    {
        var order = Enumerable.Range(0, count).ToArray();
        new Random(seed).Shuffle(order);
        return order;
    }
}
