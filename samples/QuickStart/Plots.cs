using MLNetMeta.Trainers;
using ScottPlot;

namespace MLNetMeta.Samples;

/// <summary>The sample's pictures.</summary>
internal static class Plots
{
    private const int Width = 900;
    private const int Height = 500;

    /// <summary>Plots the validation loss over meta-steps, one line per learner.</summary>
    public static string LearningCurves(
        string path, string title, params IReadOnlyList<(string Name, MetaTrainingHistory History)> learners)
    {
        using var plot = New(title, "meta-step", "loss of unseen tasks after adaptation");
        foreach (var (name, history) in learners)
        {
            var reports = history.Reports.Where(r => double.IsFinite(r.ValidationLoss)).ToArray();
            var line = plot.Add.Scatter(reports.Select(r => (double)r.Step).ToArray(), reports.Select(r => r.ValidationLoss).ToArray());
            line.LegendText = name;
        }

        return Save(plot, path);
    }

    /// <summary>Plots a new machine's true curve, its few measurements, and the prediction of each method.</summary>
    public static string Adaptation(
        string path, string title, double[] angles, double[] truth, IEnumerable<Measurement> measurements,
        params IReadOnlyList<(string Name, double[] Values)> predictions)
    {
        using var plot = New(title, "angle (rad)", "swing");
        var curve = plot.Add.ScatterLine(angles, truth, Colors.Gray);
        curve.LegendText = "the machine";
        curve.LinePattern = LinePattern.Dashed;
        foreach (var (name, values) in predictions)
        {
            var line = plot.Add.ScatterLine(angles, values);
            line.LegendText = name;
            line.LineWidth = 2;
        }

        var rows = measurements.ToArray();
        var points = plot.Add.ScatterPoints(
            rows.Select(m => (double)m.Angle[0]).ToArray(), rows.Select(m => (double)m.Swing).ToArray(), Colors.Black);
        points.LegendText = "its measurements";
        points.MarkerSize = 10;
        var reach = 1.3 * truth.Max(Math.Abs);
        plot.Axes.SetLimitsY(-reach, reach);
        return Save(plot, path);
    }

    /// <summary>Plots the accuracy over the number of adaptation steps.</summary>
    public static string Adaptation(
        string path, string title, int[] steps, params IReadOnlyList<(string Name, FewShotMetrics[] Metrics)> learners)
    {
        using var plot = New(title, "inner steps", "accuracy");
        foreach (var (name, metrics) in learners)
        {
            double[] xs = [.. steps.Select(s => (double)s)];
            double[] means = [.. metrics.Select(m => m.Mean)];
            var line = plot.Add.Scatter(xs, means);
            line.LegendText = name;
            plot.Add.ErrorBar(xs, means, [.. metrics.Select(m => m.ConfidenceInterval95)]).Color = line.Color;
        }

        return Save(plot, path);
    }

    public static double[] Doubles(IEnumerable<float> values) => [.. values.Select(v => (double)v)];

    private static Plot New(string title, string x, string y)
    {
        var plot = new Plot();
        plot.Add.Palette = new ScottPlot.Palettes.ColorblindFriendly();
        plot.Title(title);
        plot.XLabel(x);
        plot.YLabel(y);
        return plot;
    }

    private static string Save(Plot plot, string path)
    {
        plot.ShowLegend(Edge.Right); // beside the curves, not over them
        if (path.EndsWith(".svg", StringComparison.Ordinal))
        {
            plot.SaveSvg(path, Width, Height);
        }
        else
        {
            plot.SavePng(path, Width, Height);
        }

        return path;
    }
}
