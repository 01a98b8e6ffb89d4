namespace MLNetMeta.RealTasks;

/// <summary>Predicts rows of a new task from a few labelled ones.</summary>
internal interface ITaskModel
{
    /// <summary>For each query row its prediction, or the scores (or probabilities) of the classes.</summary>
    double[][] Predict(FewShotTask task);
}
