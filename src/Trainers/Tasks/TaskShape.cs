using System.Collections.Immutable;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>What all rows of a meta-training have in common, and a learner for them depends on.</summary>
internal sealed record TaskShape
{
    public required int FeatureCount { get; init; }

    /// <summary>Number of targets of a row, 1 for classes.</summary>
    public required int OutputCount { get; init; }

    public required bool IsClassification { get; init; }

    /// <summary>Regression: whether targets may be NaN, which says that they were not observed.</summary>
    public bool MayMissTargets { get; init; }

    /// <summary>Classification: the name of each class.</summary>
    public ImmutableArray<string> ClassNames { get; init; } = [];

    /// <summary>Classification: whether labels are Boolean; the classes are False and True then.</summary>
    public bool IsBinary { get; init; }

    /// <summary>Whether rows differ in weight.</summary>
    public bool HasWeights { get; init; }
}
