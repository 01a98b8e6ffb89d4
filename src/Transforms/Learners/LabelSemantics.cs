namespace MLNetMeta.Transforms;

/// <summary>What the labels of a learner's tasks have in common.</summary>
public enum LabelSemantics
{
    /// <summary>Regression: labels are numbers.</summary>
    Targets,

    /// <summary>Classification of new classes: the learner adapts to any number of any classes (at least two).</summary>
    Episodes,

    /// <summary>Classification in which every task has the same classes, which <see cref="Learner.Classes"/> names.</summary>
    Shared,

    /// <summary>Classification in which every task asks the same yes-or-no question. Labels are Boolean, and models have the same output
    /// columns as ML.NET's binary trainers.</summary>
    Binary,
}
