namespace MLNetMeta.Trainers.Export;

/// <summary>
/// Temperature of a classifier's logits as a function of the number of support rows, T(n) = exp(a + b · log n): probabilities are
/// softmax(logits / T), which classes are predicted does not change.
/// </summary>
/// <remarks>Temperature scaling is Guo et al. (2017); that few rows want another temperature than many is what b is for.</remarks>
/// <param name="Intercept">a.</param>
/// <param name="Slope">b; 0 where all tasks had as many rows.</param>
/// <param name="FewestRows">The smallest n that it was fitted to; smaller ones are taken for it.</param>
/// <param name="MostRows">The largest; larger ones are taken for it.</param>
internal sealed record Calibration(double Intercept, double Slope, int FewestRows, int MostRows)
{
    public double Temperature(int rows) => Math.Exp(Intercept + (Slope * Math.Log(Math.Clamp(rows, FewestRows, MostRows))));
}
