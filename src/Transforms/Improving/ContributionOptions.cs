using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms;

/// <summary>How rows that an app has labelled become a <see cref="LearnerContribution"/>.</summary>
public sealed record ContributionOptions
{
    private readonly int? _fewestSupportRows;
    private readonly int? _mostSupportRows;
    private readonly int _splits = 4;
    private readonly double? _clippingNorm;
    private readonly double _noiseMultiplier;

    /// <summary>Label column, as for <see cref="FewShotTrainer.Options.LabelColumnName"/>. Default "Label".</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Feature column, as for <see cref="FewShotTrainer.Options.FeatureColumnName"/>. Default "Features".</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>Column of the rows' weights, for a learner that takes them; null (default) where all weigh the same.</summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>Column that says which task a row belongs to: text, a key or a number; null (default) where all rows are of one
    /// task.</summary>
    public string? TaskColumnName { get; init; }

    /// <summary>
    /// Fewest rows that a task is learned from, at least 1: of each class, or of a regression's rows. Every split draws a number from here
    /// to <see cref="MostSupportRows"/>; a class, or a task, of fewer rows gives all but one, and a class of one row that one. The rows
    /// that are left measure how well. Null (default) for 1 of each class, or 3 rows of a regression: what meta-training does.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int? FewestSupportRows
    {
        get => _fewestSupportRows;
        init => _fewestSupportRows = value is null or >= 1 ? value : throw Throw.OptionTooSmall(nameof(FewestSupportRows), value.Value, 1);
    }

    /// <summary>Most rows that a task is learned from, at least 1 and at least as many as the fewest. Null (default) for 10 of each class,
    /// or 20 rows of a regression.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int? MostSupportRows
    {
        get => _mostSupportRows;
        init => _mostSupportRows = value is null or >= 1 ? value : throw Throw.OptionTooSmall(nameof(MostSupportRows), value.Value, 1);
    }

    /// <summary>How many random splits of a task's rows are averaged, from 1 to 1000. More splits, less variance, more time. Default
    /// 4.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of this range.</exception>
    public int Splits
    {
        get => _splits;
        init => _splits = value is >= 1 and <= 1000 ? value : throw Throw.OptionOutOfRange(nameof(Splits), value, 1, 1000);
    }

    /// <summary>Largest Euclidean norm of what one task contributes, above 0; longer ones are scaled down. Null (default) for no
    /// limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double? ClippingNorm
    {
        get => _clippingNorm;
        init => _clippingNorm = value is null || value > 0 && double.IsFinite(value.Value)
            ? value
            : throw Throw.Option(nameof(ClippingNorm), value, "a finite number above 0, or null for no limit");
    }

    /// <summary>
    /// Standard deviation of the Gaussian noise that is added to every number of a contribution, in units of <see cref="ClippingNorm"/>;
    /// 0 (default) for none. With noise the evaluation loss is withheld. What it guarantees:
    /// <see cref="PrivacyAccountant"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double NoiseMultiplier
    {
        get => _noiseMultiplier;
        init => _noiseMultiplier = value >= 0 && double.IsFinite(value)
            ? value
            : throw Throw.Option(nameof(NoiseMultiplier), value, "a finite number of at least 0");
    }

    /// <summary>Seed of the splits; null (default) to take one from the <c>MLContext</c>. Noise never has a seed.</summary>
    public int? Seed { get; init; }

    /// <summary>Stops the computation; nothing is contributed then.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The fewest and the most rows that a task is learned from.</summary>
    internal (int Fewest, int Most) SupportRows(MetaTask task)
    {
        var (fewest, most) = task == MetaTask.Classification ? (1, 10) : (3, 20);
        return (
            FewestSupportRows ?? Math.Min(fewest, MostSupportRows ?? fewest), MostSupportRows ?? Math.Max(most, FewestSupportRows ?? most));
    }

    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    internal void Validate()
    {
        if (FewestSupportRows > MostSupportRows)
        {
            throw Throw.Option(nameof(MostSupportRows), MostSupportRows, $"at least {nameof(FewestSupportRows)}, {FewestSupportRows}");
        }

        if (NoiseMultiplier > 0 && ClippingNorm is null)
        {
            throw Throw.NoiseWithoutClipping(nameof(ContributionOptions));
        }
    }
}
