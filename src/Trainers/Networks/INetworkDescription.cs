namespace MLNetMeta.Trainers;

/// <summary>The description of a network in a learner file.</summary>
public interface INetworkDescription
{
    /// <summary>Number of input features.</summary>
    int Inputs { get; }

    /// <summary>
    /// Whether the prediction for a row depends on the other rows predicted with it. Such a learner can only be evaluated; it cannot be
    /// saved, or adapted in an app. Default false.
    /// </summary>
    bool IsTransductive => false;

    /// <summary>
    /// Describes the network as JSON for the learner file and for checkpoints. Two different networks must have different descriptions.
    /// </summary>
    string Describe();
}
