using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Columns;

/// <summary>
/// Reads the features and labels of rows into memory, once, and refuses what nothing can be learned from. Of the columns only those that
/// are needed are active.
/// </summary>
internal sealed class LabelledRows : IDisposable
{
    /// <summary>Beyond this a key has no sensible count: a hash, or a mistake.</summary>
    public const int MostKeys = 1_000_000;

    private readonly LabelledColumns _columns;
    private readonly string? _set;
    private readonly DataViewRowCursor _cursor;
    private readonly DenseRows _features;
    private readonly DenseRows? _targets;
    private readonly ValueGetter<uint>? _readKey;
    private readonly List<uint> _keys = [];
    private readonly ValueGetter<float>? _readWeight;
    private readonly List<float> _weights = [];
    private readonly GroupReader? _readTask;
    private readonly List<int> _tasks = [];

    /// <param name="view">The rows; their schema is checked.</param>
    /// <param name="columns">Which columns.</param>
    /// <param name="set">What the rows are, for errors: "the support set"; null when there are no others.</param>
    public LabelledRows(IDataView view, LabelledColumns columns, string? set = null)
    {
        columns.Check(view.Schema);
        (_columns, _set) = (columns, set);
        var features = view.Schema[columns.Features];
        var label = view.Schema[columns.Label];
        IsBoolean = label.Type is BooleanDataViewType;
        if (label.Type is KeyDataViewType { Count: var count } && columns.IsClassification)
        {
            KeyCount = count <= MostKeys ? (int)count : throw Throw.KeyCountTooLarge(columns.Label, count);
            Names = LabelNames.Read(label);
        }
        else if (IsBoolean)
        {
            (KeyCount, Names) = (BooleanNames.Texts.Count, BooleanNames.Names);
        }

        DataViewSchema.Column[] weight = columns.Weight is { } name ? [view.Schema[name]] : [];
        DataViewSchema.Column[] task = columns.Task is { } taskName ? [view.Schema[taskName]] : [];
        _cursor = view.GetRowCursor([features, label, .. weight, .. task]);
        _readTask = task is [var taskColumn] ? GroupReader.Create(_cursor, taskColumn) : null;
        _readWeight = weight is [var column] ? _cursor.GetGetter<float>(column) : null;
        _features = new DenseRows(_cursor, features);
        if (IsBoolean)
        {
            var read = _cursor.GetGetter<bool>(label);
            _readKey = (ref uint key) =>
            {
                var isTrue = false;
                read(ref isTrue);
                key = isTrue ? 2u : 1;
            };
        }
        else if (columns.IsClassification)
        {
            _readKey = _cursor.GetGetter<uint>(label);
        }
        else
        {
            _targets = new DenseRows(_cursor, label, columns.MayMissTargets);
        }
    }

    /// <summary>Rows read so far.</summary>
    public int Count => _features.Rows;

    /// <summary>Numbers in the features of a row.</summary>
    public int FeatureCount => _features.Width;

    /// <summary>Regression: numbers in the label of a row.</summary>
    public int? OutputCount => _targets?.Width;

    /// <summary>Classification: whether labels are Boolean; key 1 is false, key 2 is true.</summary>
    public bool IsBoolean { get; }

    /// <summary>Classification: number of possible keys.</summary>
    public int KeyCount { get; }

    /// <summary>Classification: names of the keys; null when they have none.</summary>
    public ILabelNames? Names { get; }

    /// <summary>Classification: the keys read so far, from 1.</summary>
    public IReadOnlyList<uint> Keys => _keys;

    /// <summary>The number of each row's task, in order of appearance; empty without a task column.</summary>
    public IReadOnlyList<int> Tasks => _tasks;

    /// <summary>Names of the tasks by their numbers; empty without a task column.</summary>
    public IReadOnlyList<string> TaskNames => _readTask?.Names ?? [];

    /// <summary>Reads the next row.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="InvalidOperationException">Nothing can be learned from it.</exception>
    public bool Read(CancellationToken cancellation)
    {
        if (!_cursor.MoveNext())
        {
            return false;
        }

        cancellation.ThrowIfCancellationRequested();
        if (_features.Add() is { } slot)
        {
            throw Throw.NotFinite(_set, "feature", _columns.Features, Count, slot, _features.Last[slot]);
        }

        if (_targets?.Add() is { } target)
        {
            throw Throw.NotFinite(_set, "label", _columns.Label, Count, target, _targets.Last[target]);
        }

        if (_targets is { LastIsMissing: true })
        {
            throw Throw.NothingObserved(_set, _columns.Label, Count);
        }

        if (_readKey is not null)
        {
            uint key = 0;
            _readKey(ref key);
            _keys.Add(key > 0 ? key : throw Throw.MissingLabel(_set, Count, _columns.Label, Names is not null));
        }

        if (_readWeight is not null)
        {
            var weight = 0f;
            _readWeight(ref weight);
            _weights.Add(weight > 0 && float.IsFinite(weight) ? weight
                : throw Throw.WrongExampleWeight(_set, _columns.Weight!, Count, weight));
        }

        if (_readTask is not null)
        {
            _tasks.Add(_readTask.Next());
        }

        return true;
    }

    /// <summary>Reads all rows that are left.</summary>
    /// <exception cref="InvalidOperationException">Nothing can be learned from one of them.</exception>
    public void ReadAll(CancellationToken cancellation)
    {
        while (Read(cancellation))
        {
            // Every row is kept.
        }
    }

    /// <summary>The rows' weights; empty where all weigh the same.</summary>
    public float[] ToWeights() => [.. _weights];

    /// <summary>The features, row-major <c>[rows, features]</c>.</summary>
    public float[] ToFeatures() => _features.ToArray();

    /// <summary>Regression: the labels, row-major <c>[rows, outputs]</c>; else empty.</summary>
    public float[] ToTargets() => _targets?.ToArray() ?? [];

    public void Dispose() => _cursor.Dispose();
}
