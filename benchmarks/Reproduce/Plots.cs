using ScottPlot;

namespace MLNetMeta.Reproduce;

/// <summary>A line of a plot.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">x and y, above 0 on a logarithmic axis; others are left out.</param>
/// <param name="Dashed">Whether the line is theory and not measurement.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points, bool Dashed = false);

internal static class Plots
{
    /// <summary>Curves over two logarithmic axes.</summary>
    public static void LogLog(string path, string title, string x, string y, IEnumerable<Curve> curves)
    {
        var plot = new Plot();
        plot.Title(title);
        plot.XLabel(x);
        plot.YLabel(y);
        var colours = new Dictionary<string, Color>();
        foreach (var curve in curves)
        {
            var points = curve.Points.Where(p => p.X > 0 && p.Y > 0 && double.IsFinite(p.X) && double.IsFinite(p.Y)).ToArray();
            if (points.Length == 0)
            {
                continue;
            }

            var line = plot.Add.Scatter(Array.ConvertAll(points, p => Math.Log10(p.X)), Array.ConvertAll(points, p => Math.Log10(p.Y)));
            line.LegendText = curve.Name;
            if (curve.Dashed)
            {
                line.LinePattern = LinePattern.Dashed;
                line.MarkerSize = 0;
                line.Color = colours.Values.LastOrDefault(line.Color);
            }
            else
            {
                colours[curve.Name] = line.Color;
            }
        }

        static string Power(double exponent) => FormattableString.Invariant($"{Math.Pow(10, exponent):G2}");
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = Power };
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = Power };
        plot.ShowLegend(Edge.Right);
        plot.SavePng(path, 1000, 600);
    }
}
