using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms;

/// <summary>How rows that an app has labelled become a <see cref="LearnerContribution"/>.</summary>
public sealed record ContributionOptions
{
    private readonly double _supportFraction = 0.5;
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
    /// Share of the rows of a task that it is learned from, in (0, 1); the others measure how well. Of every class at least one row is
    /// learned from. Default 0.5.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of this range.</exception>
    public double SupportFraction
    {
        get => _supportFraction;
        init => _supportFraction = value is > 0 and < 1 ? value : throw Throw.Option(nameof(SupportFraction), value, "above 0 and below 1");
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

    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    internal void Validate()
    {
        if (NoiseMultiplier > 0 && ClippingNorm is null)
        {
            throw Throw.NoiseWithoutClipping(nameof(ContributionOptions));
        }
    }
}
