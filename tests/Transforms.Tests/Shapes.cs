using Microsoft.ML;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Promised schemas of real views, as a chain hands them to its last estimator.</summary>
internal static class Shapes
{
    /// <summary>What ML.NET itself promises for the columns of <paramref name="data"/>: the shape that reaches a trainer at a chain's
    /// end.</summary>
    public static SchemaShape Of(IDataView data)
    {
        var probe = new Probe();
        new Microsoft.ML.Data.EstimatorChain<ITransformer>().Append(probe).Fit(data);
        return probe.Seen!;
    }

    private sealed class Probe : IEstimator<ITransformer>
    {
        public SchemaShape? Seen { get; private set; }

        public ITransformer Fit(IDataView input) => new Microsoft.ML.Data.TransformerChain<ITransformer>();

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Seen = inputSchema;
    }
}
