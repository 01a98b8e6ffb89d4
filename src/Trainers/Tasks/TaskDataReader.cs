using System.Collections.Immutable;
using System.Globalization;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>Reads all rows of all tasks and refuses what cannot be learned from. <c>IDataView</c> stops here.</summary>
internal static class TaskDataReader
{
    public static TaskData Read(IDataView view, TaskColumns columns, CancellationToken cancellation)
    {
        columns.Check(view.Schema);
        var featureColumn = view.Schema[columns.Features];
        var labelColumn = view.Schema[columns.Label];
        DataViewSchema.Column[] needed = columns.Task is null ? [featureColumn, labelColumn] : [featureColumn, labelColumn, view.Schema[columns.Task]];

        using var cursor = view.GetRowCursor(needed);
        var features = new DenseRows(cursor, featureColumn, TaskColumns.WidthOf(featureColumn.Type)!.Value);
        var targets = columns.IsClassification ? null : new DenseRows(cursor, labelColumn, TaskColumns.WidthOf(labelColumn.Type)!.Value, columns.MayMissTargets);
        var readKey = columns.IsClassification ? cursor.GetGetter<uint>(labelColumn) : null;
        var names = columns.IsClassification ? ClassNames(labelColumn) : [];
        var readTask = columns.Task is null ? null : GroupReader.Create(cursor, view.Schema[columns.Task]);
        var classes = new List<int>();
        var groupOf = new List<int>();
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            if (features.Add() is { } slot)
            {
                throw TrainerThrow.NotFinite("feature", columns.Features, features.Rows, slot, features.Last[slot]);
            }

            if (targets?.Add() is { } target)
            {
                throw TrainerThrow.NotFinite("label", columns.Label, targets.Rows, target, targets.Last[target]);
            }

            if (targets is { LastIsMissing: true })
            {
                throw TrainerThrow.NothingObserved(columns.Label, targets.Rows);
            }

            if (readKey is not null)
            {
                uint key = 0;
                readKey(ref key);
                classes.Add(key > 0 ? (int)key - 1 : throw TrainerThrow.MissingLabel(features.Rows, columns.Label));
            }

            groupOf.Add(readTask?.Next() ?? (readKey is null ? 0 : classes[^1]));
        }

        if (features.Rows == 0)
        {
            throw TrainerThrow.NoRows();
        }

        var groupNames = readTask?.Names ?? [.. names];
        var groups = Group(groupOf, groupNames.Count);
        var present = Enumerable.Range(0, groups.Length).Where(g => groups[g].Length > 0).ToArray();
        return new TaskData
        {
            Features = features.ToArray(),
            FeatureCount = TaskColumns.WidthOf(featureColumn.Type)!.Value,
            Targets = targets?.ToArray() ?? [],
            MayMissTargets = targets is not null && columns.MayMissTargets,
            OutputCount = targets is null ? 1 : TaskColumns.WidthOf(labelColumn.Type)!.Value,
            Classes = [.. classes],
            ClassNames = names,
            Groups = [.. present.Select(g => groups[g])],
            GroupNames = [.. present.Select(g => groupNames[g])],
        };
    }

    // Beyond this a key has no sensible count: a hash, or a mistake.
    private const ulong MaximumClasses = 1_000_000;

    private static int[][] Group(List<int> groupOf, int count)
    {
        var groups = Enumerable.Range(0, count).Select(_ => new List<int>()).ToArray();
        for (var row = 0; row < groupOf.Count; row++)
        {
            groups[groupOf[row]].Add(row);
        }

        return Array.ConvertAll(groups, g => g.ToArray());
    }

    private static ImmutableArray<string> ClassNames(DataViewSchema.Column label) => ((KeyDataViewType)label.Type).Count is > MaximumClasses and var count
        ? throw Throw.KeyCountTooLarge(label.Name, count)
        : LabelNames.Read(label) is { } names
        ? [.. names.Texts]
        : [.. Enumerable.Range(1, (int)((KeyDataViewType)label.Type).Count).Select(k => k.ToString(CultureInfo.InvariantCulture))];
}
