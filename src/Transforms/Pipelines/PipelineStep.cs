using Microsoft.ML;
using MLNetMeta.Transforms.Saving;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>One output column of a fitted transformer, with what it is made of.</summary>
/// <param name="Stage">The transformer.</param>
/// <param name="Input">Its input schema.</param>
/// <param name="Output">The column that it adds.</param>
/// <param name="Siblings">Number of columns that it adds.</param>
/// <param name="Sources">The columns that it is made of.</param>
internal sealed record PipelineStep(
    ITransformer Stage, DataViewSchema Input, DataViewSchema.Column Output, int Siblings, IReadOnlyList<DataViewSchema.Column> Sources)
{
    /// <summary>The only column that it is made of.</summary>
    public DataViewSchema.Column Source => Sources.Single();

    /// <summary>What the transformer makes of a row that has <paramref name="slots"/> in its only source column.</summary>
    public TOut[] Probe<TIn, TOut>(TIn[] slots) => ProbeRow.Run<TOut>(Stage, Input, Output, column => ProbeRow.Value(column, slots));
}
