namespace MLNetMeta.RealTasks;

/// <summary>Predicts rows of a new task from a few labelled ones.</summary>
internal interface ITaskModel
{
    /// <summary>For each query row its prediction (with the bounds of its interval, where there is one), or the scores (or probabilities)
    /// of the classes.</summary>
    double[][] Predict(FewShotTask task);

    /// <summary>How long the last task was learned; null where there is no such moment.</summary>
    double? Milliseconds => null;
}
