using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>One training of a tuning.</summary>
/// <param name="Loss">On validation tasks; infinite or NaN where training failed.</param>
internal readonly record struct Trial(double Loss, int MetaSteps, double Seconds);
