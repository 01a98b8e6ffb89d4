namespace Microsoft.ML;

/// <summary>Meta-training for classification; the package MLNetMeta.Trainers adds the trainers.</summary>
public sealed class MetaClassificationCatalog
{
    internal MetaClassificationCatalog(MLContext context) => Context = context;

    /// <summary>The context that created this catalog.</summary>
    internal MLContext Context { get; }
}
