namespace MLNetMeta.RealTasks;

/// <summary>A real data set of many related tasks, in memory.</summary>
internal sealed record TaskSet
{
    public required string Name { get; init; }

    /// <summary>Classes that all tasks share; null for a regression.</summary>
    public string[]? Classes { get; init; }

    /// <summary>Features of each row, without missing values.</summary>
    public required float[][] Features { get; init; }

    /// <summary>Target of each row: a number, or the zero-based class.</summary>
    public required float[] Targets { get; init; }

    /// <summary>Rows of each task.</summary>
    public required int[][] Tasks { get; init; }

    /// <summary>Whether one class is rare, so that average precision says more than accuracy.</summary>
    public bool IsImbalanced { get; init; }

    public bool IsClassification => Classes is not null;

    public int FeatureCount => Features[0].Length;

    /// <summary>Numbers of support rows (of each class, for classes) at which methods are compared.</summary>
    public int[] Shots => IsClassification ? [1, 2, 5] : [5, 10, 20];

    /// <summary>Groups rows by task; tasks keep a random sample of at most so many rows, and tasks of fewer than <paramref
    /// name="fewest"/> are left out.</summary>
    public static int[][] Group<TKey>(IReadOnlyList<TKey> taskOfRow, int most, int fewest = 40)
        where TKey : notnull
    {
        var random = new Random(0);
        var groups = Enumerable.Range(0, taskOfRow.Count).GroupBy(row => taskOfRow[row]);
        return [.. groups.Select(group => group.ToArray()).Where(rows => rows.Length >= fewest).Select(rows =>
        {
            random.Shuffle(rows);
            return rows.Length > most ? rows[..most] : rows;
        })];
    }
}
