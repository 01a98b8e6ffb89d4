namespace MLNetMeta.Trainers;

/// <summary>
/// A number of rows, or a range from which each task draws its number. Meta-train with the numbers that the apps will have. A learner that
/// was meta-trained with 1 to 20 rows works for all of these numbers.
/// </summary>
/// <remarks>
/// The number is drawn uniformly on a logarithmic scale: 1 to 2 is as likely as 5 to 10, because the difference is equally large for a
/// learner.
/// </remarks>
/// <param name="Minimum">The smallest number, at least 1.</param>
/// <param name="Maximum">The largest number, at least <paramref name="Minimum"/>.</param>
public readonly record struct RowRange(int Minimum, int Maximum)
{
    /// <summary>Converts a number to a range that always gives this number.</summary>
    /// <param name="rows">The number, at least 1.</param>
    public static implicit operator RowRange(int rows) => new(rows, rows);

    /// <summary>Converts a pair of numbers to a range.</summary>
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
