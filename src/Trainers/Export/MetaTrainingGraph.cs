namespace MLNetMeta.Trainers.Export;

/// <summary>The names of a meta-training graph, which is described in docs/meta-training-graph.md.</summary>
internal static class MetaTrainingGraph
{
    public const string Theta = "theta";
    public const string SupportFeatures = "support_features";
    public const string SupportTargets = "support_targets";
    public const string SupportWeights = "support_weights";
    public const string QueryFeatures = "query_features";
    public const string QueryTargets = "query_targets";
    public const string QueryWeights = "query_weights";
    public const string FreeSteps = "free_steps";
    public const string NudgedSteps = "nudged_steps";
    public const string Gradient = "gradient";
    public const string EvaluationLoss = "evaluation_loss";
    public const string Predictions = "predictions";
    public const string FreeSquares = "free_squares";
    public const string NudgedSquares = "nudged_squares";
}
