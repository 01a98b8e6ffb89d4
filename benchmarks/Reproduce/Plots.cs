using ScottPlot;

namespace MLNetMeta.Reproduce;

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

    /// <summary>Curves over two linear axes.</summary>
    /// <param name="path">The PNG file to write.</param>
    /// <param name="title">Title.</param>
    /// <param name="x">Label of the horizontal axis.</param>
    /// <param name="y">Label of the vertical axis.</param>
    /// <param name="curves">The curves.</param>
    /// <param name="points">Points to mark beside them.</param>
    public static void Lines(
        string path, string title, string x, string y, IEnumerable<Curve> curves, IReadOnlyList<(double X, double Y)>? points = null)
    {
        var plot = new Plot();
        plot.Title(title);
        plot.XLabel(x);
        plot.YLabel(y);
        foreach (var curve in curves)
        {
            var line = plot.Add.ScatterLine(curve.Points.Select(p => p.X).ToArray(), curve.Points.Select(p => p.Y).ToArray());
            line.LegendText = curve.Name;
            line.LineWidth = 2;
            if (curve.Dashed)
            {
                line.LinePattern = LinePattern.Dashed;
                line.Color = Colors.Black;
            }
        }

        if (points is not null)
        {
            plot.Add.ScatterPoints(points.Select(p => p.X).ToArray(), points.Select(p => p.Y).ToArray(), Colors.Black);
        }

        plot.ShowLegend(Edge.Right);
        plot.SavePng(path, 1000, 600);
    }

    /// <summary>A bar with a 95 % interval for each name.</summary>
    public static void Intervals(string path, string title, string y, IReadOnlyList<(string Name, Spread Value)> bars)
    {
        var plot = new Plot();
        plot.Title(title);
        plot.YLabel(y);
        var shown = bars.Where(b => double.IsFinite(b.Value.Mean)).ToArray();
        plot.Add.Bars(
            shown.Select(
                (b, i) => new Bar
                {
                    Position = i, Value = b.Value.Mean, Error = double.IsNaN(b.Value.Interval) ? 0 : b.Value.Interval,
                }).ToArray());
        plot.Axes.Bottom.SetTicks(
            [.. shown.Select((_, i) => (double)i)], [.. shown.Select(b => b.Name.Replace(", ", "\n", StringComparison.Ordinal))]);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(
            0,
            1.1 * shown.Select(
                b => b.Value.Mean + (
                    double.IsNaN(b.Value.Interval) ? 0 : Math.Min(b.Value.Interval, b.Value.Mean))).DefaultIfEmpty(1).Max());
        plot.SavePng(path, 1000, 600);
    }
}
