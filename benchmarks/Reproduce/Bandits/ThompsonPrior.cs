using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Bandits;

/// <summary>Prior of the regressions, and when the rows' features are learned anew.</summary>
/// <param name="A0">a₀.</param>
/// <param name="B0">b₀.</param>
/// <param name="Strength">λ.</param>
internal sealed record ThompsonPrior(double A0, double B0, double Strength);
