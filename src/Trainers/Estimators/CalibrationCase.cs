namespace MLNetMeta.Trainers.Estimators;

/// <summary>What a learner makes of a validation task of classes.</summary>
/// <param name="Probabilities"><c>[query, classes]</c>, of temperature 1.</param>
/// <param name="Classes">The class of each query row.</param>
/// <param name="SupportRows">How many rows it was learned from.</param>
internal sealed record CalibrationCase(float[] Probabilities, int[] Classes, int SupportRows);
