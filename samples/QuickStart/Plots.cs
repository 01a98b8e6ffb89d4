using MLNetMeta.Trainers;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace MLNetMeta.Samples;

/// <summary>The sample's pictures, as SVG files.</summary>
internal static class Plots
{
    private const int Width = 900;
    private const int Height = 500;

    // Colours that colour-blind people can tell apart (Okabe and Ito, 2008).
    private static readonly OxyColor[] _palette =
    [
        OxyColor.FromRgb(0, 114, 178), OxyColor.FromRgb(230, 159, 0), OxyColor.FromRgb(0, 158, 115), OxyColor.FromRgb(204, 121, 167),
    ];

    /// <summary>Plots the validation loss over meta-steps, one line per learner.</summary>
    public static string LearningCurves(
        string path, string title, params IReadOnlyList<(string Name, MetaTrainingHistory History)> learners)
    {
        var plot = New(title, "meta-step", "loss of unseen tasks after adaptation");
        foreach (var (name, history) in learners)
        {
            var reports = history.Reports.Where(r => double.IsFinite(r.ValidationLoss));
            plot.Series.Add(Line(name, reports.Select(r => new DataPoint(r.Step, r.ValidationLoss)), MarkerType.Circle));
        }

        return Save(plot, path);
    }

    /// <summary>Plots a new machine's true curve, its few measurements, and the prediction of each method.</summary>
    public static string Adaptation(
        string path, string title, double[] angles, double[] truth, IEnumerable<Measurement> measurements,
        params IReadOnlyList<(string Name, double[] Values)> predictions)
    {
        var plot = New(title, "angle (rad)", "swing");
        var curve = Line("the machine", angles.Zip(truth, (x, y) => new DataPoint(x, y)));
        (curve.Color, curve.LineStyle) = (OxyColors.Gray, LineStyle.Dash);
        plot.Series.Add(curve);
        foreach (var (name, values) in predictions)
        {
            plot.Series.Add(Line(name, angles.Zip(values, (x, y) => new DataPoint(x, y))));
        }

        var points = new ScatterSeries
        {
            Title = "its measurements", MarkerType = MarkerType.Circle, MarkerSize = 5, MarkerFill = OxyColors.Black,
        };
        points.Points.AddRange(measurements.Select(m => new ScatterPoint(m.Angle[0], m.Swing)));
        plot.Series.Add(points);
        var reach = 1.3 * truth.Max(Math.Abs);
        (plot.Axes[1].Minimum, plot.Axes[1].Maximum) = (-reach, reach);
        return Save(plot, path);
    }

    /// <summary>Plots the accuracy over the number of adaptation steps.</summary>
    public static string Adaptation(
        string path, string title, int[] steps, params IReadOnlyList<(string Name, FewShotMetrics[] Metrics)> learners)
    {
        var plot = New(title, "inner steps", "accuracy");
        (plot.Axes[1].Minimum, plot.Axes[1].Maximum) = (0, 1);
        foreach (var (index, (name, metrics)) in learners.Index())
        {
            plot.Series.Add(Line(name, steps.Zip(metrics, (x, m) => new DataPoint(x, m.Mean))));
            var intervals = new ScatterErrorSeries
            {
                MarkerType = MarkerType.Circle, MarkerFill = _palette[index], ErrorBarColor = _palette[index], RenderInLegend = false,
            };
            intervals.Points.AddRange(steps.Zip(metrics, (x, m) => new ScatterErrorPoint(x, m.Mean, 0, 2 * m.ConfidenceInterval95)));
            plot.Series.Add(intervals);
        }

        return Save(plot, path);
    }

    public static double[] Doubles(IEnumerable<float> values) => [.. values.Select(v => (double)v)];

    private static PlotModel New(string title, string x, string y)
    {
        var plot = new PlotModel
        {
            Title = title, Background = OxyColors.White, DefaultColors = _palette, DefaultFont = "Arial", DefaultFontSize = 14,
        };
        plot.Axes.Add(Axis(AxisPosition.Bottom, x));
        plot.Axes.Add(Axis(AxisPosition.Left, y));
        plot.Legends.Add(new Legend
        {
            LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.RightTop,
        });
        return plot;
    }

    private static LinearAxis Axis(AxisPosition position, string title) =>
        new() { Position = position, Title = title, AxisTitleDistance = 12, MajorGridlineStyle = LineStyle.Dot };

    private static LineSeries Line(string name, IEnumerable<DataPoint> points, MarkerType marker = MarkerType.None)
    {
        var line = new LineSeries { Title = name, StrokeThickness = 2, MarkerType = marker };
        line.Points.AddRange(points);
        return line;
    }

    private static string Save(PlotModel plot, string path)
    {
        using var file = File.Create(path);
        var exporter = new SvgExporter { Width = Width, Height = Height, TextMeasurer = new PixelMeasurer() };
        exporter.Export(plot, file);
        return path;
    }

    /// <summary>OxyPlot measures the text of an SVG file in points, 1/72 inch. A pixel is 1/96 inch.</summary>
    private sealed class PixelMeasurer() : PdfRenderContext(Width, Height, OxyColors.White)
    {
        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
        {
            var points = base.MeasureText(text, fontFamily, fontSize, fontWeight);
            return new(points.Width * 96 / 72, points.Height * 96 / 72);
        }
    }
}
