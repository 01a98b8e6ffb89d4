namespace MLNetMeta.Trainers;

/// <summary>
/// A number of rows, or a range that each task draws it from. Meta-train with the numbers that apps will have: a learner that has seen
/// tasks of 1 to 20 rows serves all of them.
/// </summary>
/// <remarks>Drawn evenly on a logarithmic scale: 1 to 2 is as likely as 5 to 10, as the difference to a learner is as large.</remarks>
/// <param name="Minimum">The smallest number, at least 1.</param>
/// <param name="Maximum">The largest number, at least <paramref name="Minimum"/>.</param>
public readonly record struct RowRange(int Minimum, int Maximum)
{
    /// <summary>Always the same number.</summary>
    /// <param name="rows">The number, at least 1.</param>
    public static implicit operator RowRange(int rows) => new(rows, rows);

    /// <summary>A range.</summary>
    /// <param name="range">The smallest and the largest number.</param>
    public static implicit operator RowRange((int Minimum, int Maximum) range) => new(range.Minimum, range.Maximum);

    /// <summary><c>5</c>, or <c>1 to 20</c>.</summary>
    public override string ToString() => IsFixed
        ? FormattableString.Invariant($"{Minimum}") : FormattableString.Invariant($"{Minimum} to {Maximum}");

    internal bool IsFixed => Minimum == Maximum;

    internal bool IsValid => Minimum >= 1 && Maximum >= Minimum;

    /// <summary>A number of the range; a single number takes nothing from the generator.</summary>
    internal int Draw(Random random) =>
        // Half a row to each side, so that the ends are as likely as their neighbours.
        IsFixed ? Minimum
            : Math.Clamp(
                (int)Math.Round((Minimum - 0.5) * Math.Pow((Maximum + 0.5) / (Minimum - 0.5), random.NextDouble())), Minimum, Maximum);
}
