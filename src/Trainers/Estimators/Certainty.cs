using MLNetMeta.Trainers.Export;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>How sure a learner may be of what it predicts, as validation tasks say.</summary>
/// <param name="Calibration">Temperature of the probabilities of classes; null for 1.</param>
/// <param name="Intervals">Prediction intervals of a regression; null for none.</param>
internal sealed record Certainty(Calibration? Calibration, Intervals? Intervals);
