namespace MLNetMeta.Trainers.Rules;

/// <summary>How long and by which optimiser a phase runs.</summary>
internal sealed record Phase(Optimizer Optimizer, int Steps);
