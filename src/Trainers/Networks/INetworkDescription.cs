namespace MLNetMeta.Trainers;

/// <summary>What a learner file says of the network inside.</summary>
public interface INetworkDescription
{
    /// <summary>Number of input features.</summary>
    int Inputs { get; }

    /// <summary>
    /// Whether the prediction of a row depends on the other rows that are predicted with it. Such a learner can be evaluated, and neither
    /// saved nor adapted in an app. Default false.
    /// </summary>
    bool IsTransductive => false;

    /// <summary>A description for the learner file and for checkpoints, as JSON: everything that tells two networks apart.</summary>
    string Describe();
}
