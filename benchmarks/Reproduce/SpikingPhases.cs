using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>Lengths of phases. The paper: 500 free and 100 nudged steps, 25 tasks.</summary>
/// <param name="Free">Steps of the free phase.</param>
/// <param name="Nudged">Steps of a nudged phase; the tuning also tries twice as many.</param>
/// <param name="Recorded">
/// Steps that an unrolled rule differentiates; the tuning also tries half as many of a
/// longer phase, and twice as many of a phase of their own.
/// </param>
/// <param name="Tasks">Tasks of a meta-batch.</param>
internal sealed record SpikingPhases(int Free, int Nudged, int Recorded, int Tasks);
