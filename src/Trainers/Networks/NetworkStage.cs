namespace MLNetMeta.Trainers;

/// <summary>A stage of a network. A dual system can modulate its units.</summary>
/// <param name="Name">Name, unique within the network. The gain and the shift are named <c>name.gain</c> and <c>name.shift</c>.</param>
/// <param name="Units">
/// Length of the last axis of the result of <see cref="INetwork.BeforeModulation"/>, at least 1. Each unit has a gain and a shift.
/// </param>
public readonly record struct NetworkStage(string Name, int Units);
