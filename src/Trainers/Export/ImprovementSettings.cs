using MLNetMeta.Trainers.Rules;

namespace MLNetMeta.Trainers.Export;

/// <summary>How a learner was meta-trained, and is to be improved.</summary>
/// <param name="Rule">The rule, with a strength.</param>
/// <param name="Free">The free phase of the meta-training.</param>
/// <param name="Optimizer">The meta-optimiser.</param>
/// <param name="ClipNorm">Largest norm of a meta-gradient; null for no limit.</param>
internal sealed record ImprovementSettings(ContrastiveSettings Rule, Phase Free, Optimizer Optimizer, double? ClipNorm);
