namespace Microsoft.ML;

/// <summary>Meta-training for regression; the package MLNetMeta.Trainers adds the trainers.</summary>
public sealed class MetaRegressionCatalog
{
    internal MetaRegressionCatalog(MLContext context) => Context = context;

    /// <summary>The context that created this catalog.</summary>
    internal MLContext Context { get; }
}
