using System.Globalization;
using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>Something that is tuned, with the values that are tried; the first one is where the tuning starts.</summary>
internal sealed record Axis(string Name, params double[] Values);
