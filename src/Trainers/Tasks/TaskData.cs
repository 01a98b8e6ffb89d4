using System.Collections.Immutable;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>All rows of all tasks in memory, dense, as they were read from an <c>IDataView</c>.</summary>
internal sealed record TaskData
{
    /// <summary><c>[rows, features]</c>, row-major.</summary>
    public required float[] Features { get; init; }

    public required int FeatureCount { get; init; }

    /// <summary>Regression: <c>[rows, outputs]</c>, row-major; else empty.</summary>
    public float[] Targets { get; init; } = [];

    /// <summary>Regression: whether targets may be NaN, which says that they were not observed.</summary>
    public bool MayMissTargets { get; init; }

    /// <summary>The weight of each row, above 0; empty where all weigh the same.</summary>
    public float[] ExampleWeights { get; init; } = [];

    /// <summary>Number of targets of a row, 1 for classes.</summary>
    public int OutputCount { get; init; } = 1;

    /// <summary>Classification: zero-based class of each row; else empty.</summary>
    public int[] Classes { get; init; } = [];

    /// <summary>Classification: the name of each class.</summary>
    public ImmutableArray<string> ClassNames { get; init; } = [];

    /// <summary>Classification: whether labels are Boolean; the classes are False and True then.</summary>
    public bool IsBinary { get; init; }

    /// <summary>The rows of each task or, for episodes, of each class.</summary>
    public required int[][] Groups { get; init; }

    /// <summary>The name of each group.</summary>
    public required string[] GroupNames { get; init; }

    /// <summary>Names of groups that have too few rows and are no longer among <see cref="Groups"/>.</summary>
    public string[] LeftOut { get; init; } = [];

    /// <summary>Whether there is nothing to tell apart within any group.</summary>
    public bool IsOfOneClassEach => IsClassification && Groups.All(rows => rows.All(row => Classes[row] == Classes[rows[0]]));

    public bool IsClassification => Classes.Length > 0;

    public int Rows => Features.Length / FeatureCount;

    /// <summary>The same rows without the groups that have fewer than some.</summary>
    public TaskData WithGroupsOf(int minimumRows)
    {
        var isKept = Array.ConvertAll(Groups, rows => rows.Length >= minimumRows);
        return this with
        {
            Groups = [.. Groups.Where((_, g) => isKept[g])],
            GroupNames = [.. GroupNames.Where((_, g) => isKept[g])],
            LeftOut = [.. GroupNames.Where((_, g) => !isKept[g])],
        };
    }

    /// <summary>Some groups and their rows alone, numbered anew: nothing can be told of the others.</summary>
    public TaskData Only(int[] groups)
    {
        int[] rows = [.. groups.SelectMany(group => Groups[group])];
        var next = 0;
        return this with
        {
            Features = [.. rows.SelectMany(row => FeaturesOf(row).ToArray())],
            Targets = IsClassification ? [] : [.. rows.SelectMany(row => TargetsOf(row).ToArray())],
            Classes = IsClassification ? Array.ConvertAll(rows, row => Classes[row]) : [],
            ExampleWeights = HasWeights ? Array.ConvertAll(rows, row => ExampleWeights[row]) : [],
            Groups = Array.ConvertAll(groups, group => Array.ConvertAll(Groups[group], _ => next++)),
            GroupNames = Array.ConvertAll(groups, group => GroupNames[group]),
        };
    }

    /// <summary>What the rows have in common.</summary>
    public TaskShape Shape => new()
    {
        FeatureCount = FeatureCount,
        OutputCount = OutputCount,
        IsClassification = IsClassification,
        MayMissTargets = MayMissTargets,
        ClassNames = ClassNames,
        IsBinary = IsBinary,
        HasWeights = HasWeights,
    };

    /// <summary>Whether rows differ in weight.</summary>
    public bool HasWeights => ExampleWeights.Length > 0;

    /// <summary>The weight of a row.</summary>
    public float WeightOf(int row) => HasWeights ? ExampleWeights[row] : 1;

    public ReadOnlySpan<float> FeaturesOf(int row) => Features.AsSpan(row * FeatureCount, FeatureCount);

    public ReadOnlySpan<float> TargetsOf(int row) => Targets.AsSpan(row * OutputCount, OutputCount);
}
