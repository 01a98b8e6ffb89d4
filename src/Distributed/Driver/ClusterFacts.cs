using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Distributed.Grains;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Distributed.Driver;

/// <summary>What all partitions have together, in their order.</summary>
internal sealed record ClusterFacts
{
    public required int Partitions { get; init; }

    public required TaskShape Shape { get; init; }

    /// <summary>Tasks of enough rows.</summary>
    public required ClusterTask[] Tasks { get; init; }

    /// <summary>Names of the others.</summary>
    public required string[] LeftOut { get; init; }

    public required long Rows { get; init; }

    public required ExactSum.Moments[] Features { get; init; }

    public required ExactSum.Moments[] Targets { get; init; }

    /// <summary>Puts together what partitions say.</summary>
    /// <exception cref="InvalidOperationException">They do not fit each other, or there are too few tasks or classes.</exception>
    public static ClusterFacts Of(PartitionFacts[] parts, TaskColumns columns)
    {
        CheckAlike(parts);
        var (tasks, leftOut, partitionOf) = (new List<ClusterTask>(), new List<string>(), new Dictionary<string, int>());
        foreach (var (partition, part) in parts.Index())
        {
            foreach (var (number, name) in part.TaskNames.Index())
            {
                if (!partitionOf.TryAdd(name, partition))
                {
                    throw ClusterThrow.TaskTwice(name, partitionOf[name], partition);
                }

                if (part.TaskRows[number] >= EpisodeRequirements.FewestRows)
                {
                    tasks.Add(new ClusterTask(partition, number));
                }
                else
                {
                    leftOut.Add(name);
                }
            }
        }

        if (tasks.Count < EpisodeRequirements.FewestTasks)
        {
            throw TrainerThrow.TooFewTasks(tasks.Count, EpisodeRequirements.FewestTasks, [.. leftOut]);
        }

        // Where all partitions name the same classes, their order counts; else it is that of the names.
        ImmutableArray<string> classes = parts.All(part => part.ClassNames.SequenceEqual(parts[0].ClassNames))
            ? [.. parts[0].ClassNames]
            : [.. parts.SelectMany(part => part.ClassNames).Distinct().Order(StringComparer.Ordinal)];
        return columns.IsClassification && classes.Length < 2
            ? throw TrainerThrow.OneClass(classes.FirstOrDefault(""))
            : new ClusterFacts
            {
                Partitions = parts.Length,
                Shape = new TaskShape
                {
                    FeatureCount = parts[0].FeatureCount,
                    OutputCount = parts[0].OutputCount,
                    IsClassification = columns.IsClassification,
                    MayMissTargets = !columns.IsClassification && columns.MayMissTargets,
                    ClassNames = classes,
                    IsBinary = parts[0].IsBinary,
                    HasWeights = columns.Weight is not null,
                },
                Tasks = [.. tasks],
                LeftOut = [.. leftOut],
                Rows = parts.Sum(part => part.TaskRows.Sum(rows => (long)rows)),
                Features = Sum(parts.Select(part => part.Features)),
                Targets = Sum(parts.Select(part => part.Targets)),
            };
    }

    /// <summary>What tells these rows apart from others, for a checkpoint.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Describe() =>
    [
        new("rows", Rows.ToString(CultureInfo.InvariantCulture)),
        new("feature checksum", Checksum(Features)),
        new("label checksum", Checksum(Targets)),
        new("task checksum", Tasks.Aggregate(17L, (sum, task) => unchecked((((sum * 31) + task.Partition) * 31) + task.Number))
            .ToString(CultureInfo.InvariantCulture)),
    ];

    private static string Checksum(ExactSum.Moments[] columns) => Convert.ToHexStringLower(SHA256.HashData(
        [.. columns.SelectMany(column => column.Sum.ToByteArray().Concat(column.Squares.ToByteArray()))]));

    private static ExactSum.Moments[] Sum(IEnumerable<ColumnSums[]> parts) => parts
        .Select(part => Array.ConvertAll(part, column => column.ToMoments()))
        .Aggregate((sum, part) => [.. sum.Zip(part, (a, b) => a + b)]);

    private static void CheckAlike(PartitionFacts[] parts)
    {
        var version = typeof(ClusterFacts).Assembly.GetName().Version!.ToString();
        foreach (var (partition, part) in parts.Index())
        {
            if (part.Version != version)
            {
                throw ClusterThrow.OtherVersion(partition, part.Version, version);
            }

            if (Columns(part) != Columns(parts[0]))
            {
                throw ClusterThrow.OtherColumns(partition, Columns(part), Columns(parts[0]));
            }
        }
    }

    private static string Columns(PartitionFacts part) => $"{part.FeatureCount} features and "
        + (part.IsBinary ? "a Boolean label" : part.ClassNames.Length > 0 ? "a label of classes" : $"{part.OutputCount} numbers as label");
}
