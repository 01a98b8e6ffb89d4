namespace MLNetMeta.Trainers.Networks;

/// <summary>What a learner file says of the network inside.</summary>
internal interface INetworkDescription
{
    /// <summary>Number of input features.</summary>
    int Inputs { get; }

    /// <summary>Whether the prediction of a row depends on the other rows that are predicted with it.</summary>
    bool IsTransductive => false;

    /// <summary>A description for the learner file, as JSON.</summary>
    string Describe();
}
