namespace MLNetMeta.Trainers.Errors;

/// <summary>Checks the options of one group; messages call an option by its way from the top, as <c>Training.Steps</c>.</summary>
/// <param name="group">The group; null for options at the top.</param>
internal readonly struct OptionCheck(string? group = null)
{
    public void AtLeast(int value, int minimum, string name) => Within(value, value >= minimum, name, $"at least {minimum}");

    public void Positive(double value, string name) => Within(value, value > 0 && double.IsFinite(value), name, "a finite number above 0");

    public void NotNegative(double value, string name) =>
        Within(value, value >= 0 && double.IsFinite(value), name, "a finite number of at least 0");

    /// <summary>A classification has no intervals to cover anything.</summary>
    public void Coverage(double? value, bool isClassification)
    {
        if (isClassification && value is not null)
        {
            throw TrainerThrow.NoIntervals();
        }

        Within(value ?? 0, value is null or (>= 0 and < 1), "IntervalCoverage", "at least 0 and below 1");
    }

    public void Defined<T>(T value, string name)
        where T : struct, Enum => Within(value, Enum.IsDefined(value), name, $"one of {string.Join(", ", Enum.GetNames<T>())}");

    public void Within(object value, bool fits, string name, string allowed)
    {
        if (!fits)
        {
            throw Throw.Option(Path(name), value, allowed);
        }
    }

    public void NotNull(object? value, string name)
    {
        if (value is null)
        {
            throw Throw.NoValue(Path(name));
        }
    }

    public void NotEmpty(string? value, string name)
    {
        if (string.IsNullOrEmpty(value))
        {
            throw Throw.EmptyOption(Path(name));
        }
    }

    private string Path(string name) => group is null ? name : $"{group}.{name}";
}
