using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Columns;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>The columns that a model adds to its input, and how the learner's outputs fill them.</summary>
internal sealed class ScoreLayout
{
    public const string Score = "Score";
    public const string PredictedLabel = "PredictedLabel";
    public const string Probability = "Probability";
    public const string LowerBound = "LowerBound";
    public const string UpperBound = "UpperBound";

    private readonly bool _scalar;
    private readonly bool _sameOrder;

    private ScoreLayout(int rawWidth, int width, ClassSlots? classes, bool hasIntervals = false)
    {
        HasIntervals = hasIntervals;
        RawWidth = rawWidth;
        Width = width;
        Classes = classes;
        _scalar = classes is null && width == 1;
        _sameOrder = classes is null || classes.IsIdentity;
    }

    /// <summary>Numbers per row that the learner's forward graph returns.</summary>
    public int RawWidth { get; }

    /// <summary>Numbers per row in the Score column.</summary>
    public int Width { get; }

    /// <summary>Classification: slots of the classes. Regression: null.</summary>
    public ClassSlots? Classes { get; }

    /// <summary>True when Score is a single number instead of a vector.</summary>
    public bool IsScalar => _scalar;

    /// <summary>Whether there are columns LowerBound and UpperBound.</summary>
    public bool HasIntervals { get; }

    /// <summary>The names of all columns that a model may add.</summary>
    public static IReadOnlyList<string> Names { get; } = [Score, PredictedLabel, Probability, LowerBound, UpperBound];

    public static ScoreLayout Regression(int outputs, bool hasIntervals = false) => new(outputs, outputs, null, hasIntervals);

    /// <summary>Of a regression learner.</summary>
    public static ScoreLayout Regression(Learner learner) => Regression(learner.OutputCount!.Value, learner.IntervalCoverage is not null);

    /// <summary>As ML.NET's binary trainers score: the log-odds of true, and their probability.</summary>
    public static ScoreLayout Binary { get; } = new(rawWidth: 2, width: 1, classes: null) { IsBinary = true };

    /// <summary>Whether labels are Boolean.</summary>
    public bool IsBinary { get; private init; }

    public static ScoreLayout Classification(ClassSlots classes) => new(classes.SlotOfClass.Length, classes.Count, classes);

    /// <summary>Type of the Score column.</summary>
    public DataViewType ScoreType => _scalar ? NumberDataViewType.Single : new VectorDataViewType(NumberDataViewType.Single, Width);

    /// <summary>The new columns: PredictedLabel (classification) and Score, in ML.NET's order, then Probability, or LowerBound and
    /// UpperBound.</summary>
    public IEnumerable<DataViewSchema.DetachedColumn> Columns() => IsBinary ? BinaryColumns() : OtherColumns();

    private static IEnumerable<DataViewSchema.DetachedColumn> BinaryColumns()
    {
        foreach (var (name, type) in ((string, DataViewType)[])[
            (PredictedLabel, BooleanDataViewType.Instance), (Score, NumberDataViewType.Single), (Probability, NumberDataViewType.Single)])
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            ScoreAnnotations.Add(annotations, "BinaryClassification", name);
            yield return new(name, type, annotations.ToAnnotations());
        }
    }

    private IEnumerable<DataViewSchema.DetachedColumn> OtherColumns()
    {
        if (Classes is { } classes)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            classes.Names?.AddTo(annotations, LabelNames.KeyValues);
            ScoreAnnotations.Add(annotations, "MulticlassClassification", valueKind: PredictedLabel);
            yield return new(PredictedLabel, new KeyDataViewType(typeof(uint), classes.Count), annotations.ToAnnotations());
        }

        var score = new DataViewSchema.Annotations.Builder();
        if (Classes?.Names is { } names)
        {
            if (names.ItemType is TextDataViewType)
            {
                names.AddTo(score, "SlotNames");
            }

            names.AddTo(score, "TrainingLabelValues");
        }

        ScoreAnnotations.Add(score, Classes is null ? "Regression" : "MulticlassClassification", Score);
        yield return new(Score, ScoreType, score.ToAnnotations());
        if (HasIntervals)
        {
            // No annotations: an evaluator is to find one score.
            yield return new(LowerBound, ScoreType);
            yield return new(UpperBound, ScoreType);
        }
    }

    /// <summary>The learner's outputs for one row, at the slots of their classes.</summary>
    public void Expand(ReadOnlySpan<float> raw, ref VBuffer<float> score)
    {
        if (_sameOrder && score.IsDense && score.Length == Width)
        {
            // What a reader that goes from row to row brings along.
            raw.CopyTo(VBufferEditor.CreateFromBuffer(ref score).Values);
            return;
        }

        var editor = VBufferEditor.Create(ref score, Width);
        if (_sameOrder)
        {
            raw.CopyTo(editor.Values);
        }
        else
        {
            editor.Values.Clear();
            for (var index = 0; index < raw.Length; index++)
            {
                editor.Values[Classes!.SlotOfClass[index]] = raw[index];
            }
        }

        score = editor.Commit();
    }

    /// <summary>The log-odds of true, finite also where one of the probabilities is rounded to 0; NaN where they are not
    /// numbers.</summary>
    public static float LogOdds(ReadOnlySpan<float> raw) =>
        MathF.Log(MathF.Max(raw[1], SmallestProbability)) - MathF.Log(MathF.Max(raw[0], SmallestProbability));

    /// <summary>What a probability that was rounded to 0 is taken for.</summary>
    public const float SmallestProbability = 1e-30f;

    /// <summary>The key of the likeliest class, the first of several; 0 (missing) when a score is not a number.</summary>
    public uint Predict(ReadOnlySpan<float> raw)
    {
        var best = 0;
        for (var index = 0; index < raw.Length; index++)
        {
            if (float.IsNaN(raw[index]))
            {
                return 0;
            }

            if (raw[index] > raw[best])
            {
                best = index;
            }
        }

        return (uint)Classes!.SlotOfClass[best] + 1;
    }
}
