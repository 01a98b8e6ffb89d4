namespace Microsoft.ML;

/// <summary>The door to MLNetMeta.</summary>
public static class MetaLearningExtensions
{
    /// <summary>Few-shot learning by meta-learning: meta-train a learner over many tasks, adapt it to a new one from a few rows.</summary>
    /// <param name="context">The context whose log and seed are used.</param>
    public static MetaLearningCatalog MetaLearning(this MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new MetaLearningCatalog(context);
    }
}
