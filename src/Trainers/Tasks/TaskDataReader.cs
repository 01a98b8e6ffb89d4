using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML;
using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>Reads all rows of all tasks and refuses what cannot be learned from. <c>IDataView</c> stops here.</summary>
internal static class TaskDataReader
{
    public static TaskData Read(IDataView view, TaskColumns columns, CancellationToken cancellation)
    {
        columns.Check(view.Schema);
        using var rows = new LabelledRows(view, columns.Labelled);
        rows.ReadAll(cancellation);
        if (rows.Count == 0)
        {
            throw TrainerThrow.NoRows();
        }

        ImmutableArray<string> names = columns.IsClassification ? ClassNames(rows) : [];
        // Without a task column the classes are what tasks are drawn from.
        IReadOnlyList<int> groupOf = columns.Task is not null ? rows.Tasks : [.. rows.Keys.Select(key => (int)key - 1)];
        var groupNames = columns.Task is not null ? rows.TaskNames : names;
        var groups = Group(groupOf, groupNames.Count);
        var present = Enumerable.Range(0, groups.Length).Where(g => groups[g].Length > 0).ToArray();
        return new TaskData
        {
            Features = rows.ToFeatures(),
            FeatureCount = rows.FeatureCount,
            Targets = rows.ToTargets(),
            ExampleWeights = rows.ToWeights(),
            MayMissTargets = !columns.IsClassification && columns.MayMissTargets,
            OutputCount = rows.OutputCount ?? 1,
            Classes = [.. rows.Keys.Select(key => (int)key - 1)],
            ClassNames = names,
            IsBinary = rows.IsBoolean,
            Groups = [.. present.Select(g => groups[g])],
            GroupNames = [.. present.Select(g => groupNames[g])],
        };
    }

    private static int[][] Group(IReadOnlyList<int> groupOf, int count)
    {
        var groups = Enumerable.Range(0, count).Select(_ => new List<int>()).ToArray();
        for (var row = 0; row < groupOf.Count; row++)
        {
            groups[groupOf[row]].Add(row);
        }

        return Array.ConvertAll(groups, g => g.ToArray());
    }

    private static ImmutableArray<string> ClassNames(LabelledRows rows) => rows.Names is { } names
        ? [.. names.Texts]
        : [.. Enumerable.Range(1, rows.KeyCount).Select(key => key.ToString(CultureInfo.InvariantCulture))];
}
