namespace MLNetMeta.Transforms;

/// <summary>What the labels of a learner's tasks have in common.</summary>
public enum LabelSemantics
{
    /// <summary>Regression: labels are numbers.</summary>
    Targets,

    /// <summary>Classification of new classes: the learner adapts to any classes, any number of them (at least two).</summary>
    Episodes,

    /// <summary>Classification where every task has the same classes, named by <see cref="Learner.Classes"/>.</summary>
    Shared,

    /// <summary>Classification where every task asks the same question: labels are Boolean, and models score as ML.NET's binary trainers
    /// do.</summary>
    Binary,
}
