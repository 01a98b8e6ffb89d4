using Microsoft.ML;

namespace MLNetMeta.Reproduce;

/// <summary>Images of some classes.</summary>
/// <param name="Description">How many classes, and of what.</param>
/// <param name="Load">The images: columns Label (text) and Features, read when they are asked for.</param>
internal sealed record VisualSet(string Description, Func<MLContext, IDataView> Load);
