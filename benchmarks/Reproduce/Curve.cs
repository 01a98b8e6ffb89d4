using ScottPlot;

namespace MLNetMeta.Reproduce;

/// <summary>A line of a plot.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">x and y, above 0 on a logarithmic axis; others are left out.</param>
/// <param name="Dashed">Whether the line is theory and not measurement.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points, bool Dashed = false);
