using Microsoft.ML;

namespace MLNetMeta.Samples;

/// <summary>A trainer that uses a new MLContext for each Fit.</summary>
/// <remarks>
/// A context remembers every component that was ever created in it, and FastTree creates many. The thousandth Fit in one context takes many
/// times as long as the first.
/// </remarks>
internal sealed class FreshContextTrainer(int seed, Func<MLContext, IEstimator<ITransformer>> create) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input) => create(new MLContext(seed)).Fit(input);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => create(new MLContext(seed)).GetOutputSchema(inputSchema);
}
