namespace Microsoft.ML;

/// <summary>The entry point of MLNetMeta.</summary>
public static class MetaLearningExtensions
{
    /// <summary>Few-shot learning by meta-learning: meta-train a learner on many tasks, then adapt it to a new task from a few
    /// rows.</summary>
    /// <param name="context">The context whose log and seed are used.</param>
    public static MetaLearningCatalog MetaLearning(this MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new MetaLearningCatalog(context);
    }
}
