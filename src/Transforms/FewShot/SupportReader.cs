using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms;

/// <summary>Reads the labelled rows of a task and refuses what no learner can learn from.</summary>
internal sealed class SupportReader(Learner learner, InputContract contract, bool allowEmpty = false)
{
    /// <summary>Reads and checks all rows; <paramref name="cancellation"/> is asked before each.</summary>
    public (SupportSet Support, ScoreLayout Layout) Read(IDataView data, CancellationToken cancellation)
    {
        contract.CheckSupport(data.Schema);
        var label = data.Schema[contract.LabelColumn];
        return learner.Task == MetaTask.Regression ? ReadTargets(data, label, cancellation) : ReadClasses(data, label, cancellation);
    }

    private (SupportSet, ScoreLayout) ReadTargets(IDataView data, DataViewSchema.Column label, CancellationToken cancellation)
    {
        var feature = data.Schema[contract.FeatureColumn];
        using var cursor = data.GetRowCursor([feature, label]);
        var features = new DenseRows(cursor, feature, learner.FeatureCount);
        var targets = new DenseRows(cursor, label, learner.OutputCount!.Value, learner.MissingTargets);
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            AddFeatures(features);
            if (targets.Add() is { } slot)
                throw Throw.NotFinite("label", label.Name, targets.Rows, slot, targets.Last[slot]);
            if (targets.LastIsMissing)
                throw Throw.NothingObserved(label.Name, targets.Rows);
        }
        if (features.Rows == 0)
            return (Nothing(), ScoreLayout.Regression(learner.OutputCount.Value));
        return (new(features.Rows, features.ToArray(), null, targets.ToArray()), ScoreLayout.Regression(learner.OutputCount.Value));
    }

    private (SupportSet, ScoreLayout) ReadClasses(IDataView data, DataViewSchema.Column label, CancellationToken cancellation)
    {
        var names = LabelNames.Read(label);
        var keyCount = ((KeyDataViewType)label.Type).Count;
        if (keyCount > ClassSlots.MaximumKeys)
            throw Throw.KeyCountTooLarge(label.Name, keyCount);
        var shared = learner.Labels == LabelSemantics.Shared
            ? ClassSlots.ForShared(learner.Classes, (int)keyCount, names) ?? throw Throw.NamelessLabels(label.Name)
            : null;

        var feature = data.Schema[contract.FeatureColumn];
        using var cursor = data.GetRowCursor([feature, label]);
        var features = new DenseRows(cursor, feature, learner.FeatureCount);
        var keys = new List<uint>();
        var getKey = cursor.GetGetter<uint>(label);
        uint key = 0;
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            AddFeatures(features);
            getKey(ref key);
            if (key == 0)
                throw Throw.MissingLabel(features.Rows, label.Name, names is not null);
            keys.Add(key);
        }
        if (features.Rows == 0)
            return (Nothing(), ScoreLayout.Classification(shared!));

        var slots = shared ?? ClassSlots.ForEpisode(keys, (int)keyCount, names);
        if (slots.SlotOfClass.Length == 1)
            throw Throw.OneClass(slots.Describe(slots.SlotOfClass[0]));
        var classOfSlot = new Dictionary<int, long>();
        for (var index = 0; index < slots.SlotOfClass.Length; index++)
            classOfSlot[slots.SlotOfClass[index]] = index;
        var classes = keys.Select(k => classOfSlot.TryGetValue((int)k - 1, out var index)
            ? index
            : throw Throw.UnknownLabel(slots.Describe((int)k - 1), label.Name, learner.Classes)).ToArray();
        return (new(features.Rows, features.ToArray(), classes, null), ScoreLayout.Classification(slots));
    }

    /// <summary>The graph wants a row, of which no step learns.</summary>
    private SupportSet Nothing()
    {
        if (!allowEmpty)
            throw Throw.EmptySupport(learner);
        if (!learner.StartsWithoutSupport)
            throw Throw.NoColdStart(learner);
        var features = new float[learner.FeatureCount];
        return learner.Task == MetaTask.Regression
            ? new(0, features, null, new float[learner.OutputCount!.Value])
            : new(0, features, [0], null);
    }

    private void AddFeatures(DenseRows features)
    {
        if (features.Add() is { } slot)
            throw Throw.NotFinite("feature", contract.FeatureColumn, features.Rows, slot, features.Last[slot]);
    }
}
