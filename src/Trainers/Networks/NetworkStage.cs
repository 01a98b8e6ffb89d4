namespace MLNetMeta.Trainers;

/// <summary>A stage of a network, whose units a dual system may modulate.</summary>
/// <param name="Name">Name, unique within the network; the gain and the shift are called <c>name.gain</c> and <c>name.shift</c>.</param>
/// <param name="Units">
/// Length of the last axis of what <see cref="INetwork.BeforeModulation"/> gives: each unit has a gain and a shift; at least 1.
/// </param>
public readonly record struct NetworkStage(string Name, int Units);
