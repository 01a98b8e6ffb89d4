using Microsoft.ML;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Learners;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>One model over rows of one schema: which column to read, and which columns come out.</summary>
internal sealed class ScoringPlan
{
    private readonly Learner _learner;
    private readonly AdaptedParameters _adapted;
    private readonly int? _batchSize;

    public ScoringPlan(
        DataViewSchema input, LabelledColumns columns, Learner learner, AdaptedParameters adapted, ScoreLayout layout, int? batchSize)
    {
        Feature = columns.CheckFeatures(input);
        (Input, Layout, _learner, _adapted, _batchSize) = (input, layout, learner, adapted, batchSize);
        var output = new DataViewSchema.Builder();
        output.AddColumns(input);
        output.AddColumns(layout.Columns());
        Output = output.ToSchema();
    }

    public DataViewSchema Input { get; }

    /// <summary>The input's columns at their own indices, then the model's.</summary>
    public DataViewSchema Output { get; }

    public DataViewSchema.Column Feature { get; }

    public ScoreLayout Layout { get; }

    /// <summary>Rows per batch: as the options say, or 2,048, or fewer when the rows are long.</summary>
    public int BatchSize => _batchSize ?? Math.Clamp(BatchFeatures / _learner.FeatureCount, 1, MostRows);

    /// <summary>Batches scored by other threads while one is read: as many as there are processors, up to eight; none for batches so small
    /// that handing them over costs more than it saves.</summary>
    public int BatchesAhead => Environment.ProcessorCount == 1 || BatchSize < WorthAThread ? 0 : Math.Min(Environment.ProcessorCount, 8);

    /// <summary>True for a column that the model adds.</summary>
    public bool IsOwn(DataViewSchema.Column column) => column.Index >= Input.Count;

    /// <summary>The input's columns that are needed for the given output columns.</summary>
    public IEnumerable<DataViewSchema.Column> Dependencies(IEnumerable<DataViewSchema.Column> outputs)
    {
        var needed = new SortedSet<int>();
        foreach (var column in outputs)
        {
            needed.Add(IsOwn(column) ? Feature.Index : column.Index);
        }

        return needed.Select(index => Input[index]);
    }

    public BatchScorer CreateScorer(int capacity) => new(_learner, _adapted, Layout.RawWidth, capacity);

    // Fewer cost more calls, more leave the processor's second-level cache.
    private const int MostRows = 2048;

    // Four MiB of float32 features.
    private const int BatchFeatures = 1 << 20;

    private const int WorthAThread = 32;
}
