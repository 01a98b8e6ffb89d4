using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms;

/// <summary>Options for turning the labelled rows of an app into a <see cref="LearnerContribution"/>.</summary>
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

    /// <summary>Column with the rows' weights, for a learner that accepts them. Null (default): all rows have the same weight.</summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>Column that says which task a row belongs to: text, a key or a number. Null (default): all rows belong to one
    /// task.</summary>
    public string? TaskColumnName { get; init; }

    /// <summary>
    /// Minimum number of support rows of a task, at least 1: rows of each class, or rows of a regression. Every split draws a number
    /// between this one and <see cref="MostSupportRows"/>. If a class or a task has fewer rows, all but one become support rows; a class
    /// with one row gives that row. The remaining rows are the query rows. Null (default): 1 row of each class, or 3 rows of a regression,
    /// as in meta-training.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int? FewestSupportRows
    {
        get => _fewestSupportRows;
        init => _fewestSupportRows = value is null or >= 1 ? value : throw Throw.OptionTooSmall(nameof(FewestSupportRows), value.Value, 1);
    }

    /// <summary>Maximum number of support rows of a task, at least 1 and at least <see cref="FewestSupportRows"/>. Null (default): 10 rows
    /// of each class, or 20 rows of a regression.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int? MostSupportRows
    {
        get => _mostSupportRows;
        init => _mostSupportRows = value is null or >= 1 ? value : throw Throw.OptionTooSmall(nameof(MostSupportRows), value.Value, 1);
    }

    /// <summary>Number of random splits of a task's rows that are averaged, from 1 to 1000. More splits reduce the variance and take more
    /// time. Default 4.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of this range.</exception>
    public int Splits
    {
        get => _splits;
        init => _splits = value is >= 1 and <= 1000 ? value : throw Throw.OptionOutOfRange(nameof(Splits), value, 1, 1000);
    }

    /// <summary>Maximum Euclidean norm of the contribution of one task, above 0. Longer contributions are scaled down. Null (default) for
    /// no limit.</summary>
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
    /// 0 (default) for none. With noise, the evaluation loss is not sent. See <see cref="PrivacyAccountant"/> for what the noise
    /// guarantees.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double NoiseMultiplier
    {
        get => _noiseMultiplier;
        init => _noiseMultiplier = value >= 0 && double.IsFinite(value)
            ? value
            : throw Throw.Option(nameof(NoiseMultiplier), value, "a finite number of at least 0");
    }

    /// <summary>Seed of the splits. Null (default) takes a seed from the <c>MLContext</c>. Noise never has a seed.</summary>
    public int? Seed { get; init; }

    /// <summary>Stops the computation. Then nothing is contributed.</summary>
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
