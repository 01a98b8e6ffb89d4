using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>The path of single rows (PredictionEngine): no batch, no copies of other columns.</summary>
internal sealed class ScoringRowMapper(ScoringPlan plan) : IRowToRowMapper
{
    public DataViewSchema InputSchema => plan.Input;

    public DataViewSchema OutputSchema => plan.Output;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        plan.Dependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new ScoredRow(input, plan, [.. activeColumns.Select(column => column.Index)]);
}
