using Microsoft.ML;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Scoring;

namespace MLNetMeta.Transforms.FewShot;

/// <summary>Reads the labelled rows of a task and refuses what a learner cannot learn from.</summary>
internal sealed class SupportReader(Learner learner, LabelledColumns columns, bool allowEmpty = false)
{
    /// <summary>Reads and checks all rows; <paramref name="cancellation"/> is asked before each.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <param name="earlier">Rows that were read before, and how they were laid out: they come first. Null for none.</param>
    public (SupportSet Support, ScoreLayout Layout) Read(
        IDataView data, CancellationToken cancellation, (SupportSet Support, ScoreLayout Layout)? earlier = null)
    {
        using var rows = new LabelledRows(data, columns, "the support set");
        rows.ReadAll(cancellation);
        return Understand(rows, earlier);
    }

    /// <summary>Reads and checks the rows of one task or, with a task column, of several.</summary>
    /// <returns>All rows; the number of the task of each; names of the tasks.</returns>
    public (SupportSet Rows, IReadOnlyList<int> TaskOf, IReadOnlyList<string> TaskNames) ReadTasks(
        IDataView data, CancellationToken cancellation)
    {
        using var rows = new LabelledRows(data, columns, "the support set");
        rows.ReadAll(cancellation);
        var (all, _) = Understand(rows, earlier: null);
        return columns.Task is null
            ? (all, new int[all.Rows], [""])
            : (all, rows.Tasks, rows.TaskNames);
    }

    private (SupportSet Support, ScoreLayout Layout) Understand(LabelledRows rows, (SupportSet Support, ScoreLayout Layout)? earlier)
    {
        var before = earlier is { Support.Rows: > 0 } some ? some.Support : null;
        var count = rows.Count + (before?.Rows ?? 0);
        float[] features = [.. before?.Features ?? [], .. rows.ToFeatures()];
        var weights = Weights(before, rows);
        if (learner.Task == MetaTask.Regression)
        {
            float[] targets = [.. before?.Targets ?? [], .. rows.ToTargets()];
            return (count == 0 ? Nothing() : new(count, features, null, targets, weights), ScoreLayout.Regression(learner));
        }

        if (learner.Labels == LabelSemantics.Binary)
        {
            long[] answers = [.. before?.Classes ?? [], .. rows.Keys.Select(key => key - 1L)];
            return (count == 0 ? Nothing() : new(count, features, answers, null, weights), ScoreLayout.Binary);
        }

        var (keys, keyCount, names) = Keys(rows, before, earlier?.Layout.Classes);
        var shared = learner.Labels == LabelSemantics.Shared
            ? ClassSlots.ForShared(learner.Classes, keyCount, names) ?? throw Throw.NamelessLabels(columns.Label)
            : null;
        if (count == 0)
        {
            return (Nothing(), ScoreLayout.Classification(shared!));
        }

        var slots = shared ?? ClassSlots.ForEpisode(keys, keyCount, names);
        if (slots.SlotOfClass.Length == 1)
        {
            throw Throw.OneClass(slots.Describe(slots.SlotOfClass[0]));
        }

        return (new(count, features, ClassesOf(keys, slots), null, weights), ScoreLayout.Classification(slots));
    }

    /// <summary>The weights of all rows, 1 where one side has none; null where both have none.</summary>
    private static float[]? Weights(SupportSet? before, LabelledRows rows)
    {
        var read = rows.ToWeights();
        if (before?.Weights is null && read.Length == 0)
        {
            return null;
        }

        return
        [
            .. before?.Weights ?? Enumerable.Repeat(1f, before?.Rows ?? 0), .. read.Length > 0 ? read : Enumerable.Repeat(1f, rows.Count),
        ];
    }

    /// <summary>The keys of all rows. Earlier rows keep theirs; labels that they lacked get keys after them, matched by name.</summary>
    private static (IReadOnlyList<uint> Keys, int Count, ILabelNames? Names) Keys(
        LabelledRows rows, SupportSet? before, ClassSlots? earlier)
    {
        if (before is null || earlier is null)
        {
            return (rows.Keys, rows.KeyCount, rows.Names);
        }

        var known = before.Classes!.Select(c => (uint)earlier.SlotOfClass[c] + 1);
        if (earlier.Names is null || rows.Names is null)
        {
            return (earlier.Names is null && rows.Names is null)
                ? ([.. known, .. rows.Keys], Math.Max(earlier.Count, rows.KeyCount), null)
                : throw Throw.OtherLabelNames();
        }

        var names = earlier.Names.Append(rows.Names.Texts.Except(earlier.Names.Texts));
        var keyOf = names.Texts.Index().GroupBy(name => name.Item).ToDictionary(name => name.Key, name => (uint)name.First().Index + 1);
        return ([.. known, .. rows.Keys.Select(key => keyOf[rows.Names.Texts[(int)key - 1]])], names.Texts.Count, names);
    }

    /// <summary>The learner's index of the class of each row.</summary>
    private long[] ClassesOf(IEnumerable<uint> keys, ClassSlots slots)
    {
        var classOfSlot = new Dictionary<int, long>();
        for (var index = 0; index < slots.SlotOfClass.Length; index++)
        {
            classOfSlot[slots.SlotOfClass[index]] = index;
        }

        return [.. keys.Select(key => classOfSlot.TryGetValue((int)key - 1, out var index)
            ? index
            : throw Throw.UnknownLabel(slots.Describe((int)key - 1), columns.Label, learner.Classes))];
    }

    /// <summary>The graph wants a row, of which no step learns.</summary>
    private SupportSet Nothing()
    {
        if (!allowEmpty)
        {
            throw Throw.EmptySupport(learner.StartsWithoutSupport);
        }

        if (!learner.StartsWithoutSupport)
        {
            throw Throw.NoColdStart(learner.Kind, learner.Labels.ToString(), hasNewClasses: learner.OutputCount is null);
        }

        var features = new float[learner.FeatureCount];
        return learner.Task == MetaTask.Regression
            ? new(0, features, null, new float[learner.OutputCount!.Value])
            : new(0, features, [0], null);
    }
}
