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
    public (SupportSet Support, ScoreLayout Layout) Read(IDataView data, CancellationToken cancellation)
    {
        using var rows = new LabelledRows(data, columns, "the support set");
        var shared = learner.Labels == LabelSemantics.Shared
            ? ClassSlots.ForShared(learner.Classes, rows.KeyCount, rows.Names) ?? throw Throw.NamelessLabels(columns.Label)
            : null;
        while (rows.Read(cancellation))
        {
            // Every row is kept.
        }

        if (learner.Task == MetaTask.Regression)
        {
            var support = rows.Count == 0 ? Nothing() : new SupportSet(rows.Count, rows.ToFeatures(), null, rows.ToTargets());
            return (support, ScoreLayout.Regression(learner));
        }

        if (learner.Labels == LabelSemantics.Binary)
        {
            return (
                rows.Count == 0 ? Nothing() : new(rows.Count, rows.ToFeatures(), [.. rows.Keys.Select(key => key - 1L)], null),
                ScoreLayout.Binary);
        }

        if (rows.Count == 0)
        {
            return (Nothing(), ScoreLayout.Classification(shared!));
        }

        var slots = shared ?? ClassSlots.ForEpisode(rows.Keys, rows.KeyCount, rows.Names);
        if (slots.SlotOfClass.Length == 1)
        {
            throw Throw.OneClass(slots.Describe(slots.SlotOfClass[0]));
        }

        return (new(rows.Count, rows.ToFeatures(), ClassesOf(rows.Keys, slots), null), ScoreLayout.Classification(slots));
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
