using System.Collections.Immutable;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;

namespace MLNetMeta.Trainers.Export;

/// <summary>What the learner file says beside θ.</summary>
/// <param name="Free">The free phase: how the learner adapts.</param>
/// <param name="Features">Standardisation of the features.</param>
/// <param name="Targets">Standardisation of the targets; null for classes.</param>
/// <param name="Classes">Names of the shared classes; null for regression and for classes that differ from task to task.</param>
/// <param name="IsBinary">Whether labels are Boolean; the classes are False and True then.</param>
/// <param name="HasWeights">Whether support rows have weights.</param>
/// <param name="Calibration">Temperature of the classes' probabilities; null for 1.</param>
/// <param name="Intervals">Prediction intervals of a regression; null for none.</param>
/// <param name="Improvement">How it can be improved; null where it cannot.</param>
internal sealed record LearnerFileContents(
    Phase Free, Standardization Features, Standardization? Targets, ImmutableArray<string>? Classes, bool IsBinary = false,
    bool HasWeights = false, Calibration? Calibration = null, Intervals? Intervals = null, ImprovementSettings? Improvement = null);
