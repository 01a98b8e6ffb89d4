namespace MLNetMeta.Trainers.Operators;

/// <summary>An affine map of a vector: standardised = (raw − mean) / scale, element by element.</summary>
/// <param name="Mean">Mean of each element.</param>
/// <param name="Scale">Standard deviation of each element; 1 where an element never varies.</param>
internal sealed record Standardization(float[] Mean, float[] Scale);
