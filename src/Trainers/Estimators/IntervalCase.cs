namespace MLNetMeta.Trainers.Estimators;

/// <summary>What a learner makes of a validation task of numbers; everything standardised, NaN where a target is missing.</summary>
/// <param name="Errors"><c>[query, outputs]</c>: predictions − targets.</param>
/// <param name="Unadapted">The same of the predictions before adaptation.</param>
/// <param name="SupportRows">How many rows it was learned from.</param>
/// <param name="Residuals">Root mean square error on the support rows after adaptation, of each output.</param>
/// <param name="Distances">Of each query row to the mean of the support rows: root mean square over features.</param>
/// <param name="UnadaptedDistances">Of each query row to the mean of all rows.</param>
internal sealed record IntervalCase(
    float[] Errors, float[] Unadapted, int SupportRows, double[] Residuals, double[] Distances, double[] UnadaptedDistances);
