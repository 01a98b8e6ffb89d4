namespace MLNetMeta.Transforms.Learners;

/// <summary>The names of the graphs of a meta-training, which are described in docs/meta-training-graph.md.</summary>
internal static class MetaTrainingGraph
{
    public const string Theta = "theta";
    public const string SupportFeatures = "support_features";
    public const string SupportTargets = "support_targets";
    public const string SupportWeights = "support_weights";
    public const string QueryFeatures = "query_features";
    public const string QueryTargets = "query_targets";
    public const string QueryWeights = "query_weights";

    /// <summary>Labels of the query rows of one task, in the units of the data.</summary>
    public const string QueryLabels = "query_labels";
    public const string FreeSteps = "free_steps";
    public const string NudgedSteps = "nudged_steps";
    public const string Gradient = "gradient";
    public const string EvaluationLoss = "evaluation_loss";
    public const string Predictions = "predictions";
    public const string FreeSquares = "free_squares";
    public const string NudgedSquares = "nudged_squares";

    /// <summary>Meta-learning rate of one step of the meta-optimiser.</summary>
    public const string LearningRate = "learning_rate";
    public const string NextTheta = "next_theta";

    /// <summary>A value of the meta-optimiser's state, by its number, before the step.</summary>
    public static string State(int number) => FormattableString.Invariant($"state.{number}");

    /// <summary>The same after the step.</summary>
    public static string NextState(int number) => FormattableString.Invariant($"next_state.{number}");

    /// <summary>A value of the learner file that is computed from θ.</summary>
    public static string Consolidated(string name) => $"consolidated.{name}";
}
