using System.Globalization;
using System.Net;
using System.Text;
using MLNetMeta.Trainers.Evaluation;

namespace MLNetMeta.Trainers;

/// <summary>A report on a meta-training as one HTML page: training curves, the gain, evaluations, and the worst tasks.</summary>
/// <remarks>The page contains its pictures and styles. It loads nothing and runs no scripts.</remarks>
/// <example>
/// <code>
/// var history = new MetaTrainingHistory();
/// var options = new DualSystemTrainer.Options { Tasks = new TaskColumn("Machine"), Training = new() { Progress = history } };
/// using var learner = ml.MetaLearning().Regression.DualSystem(options).Fit(rows).Learner;
/// new MetaTrainingReport { Title = "Machines", History = history }.Save("machines.html");
/// </code>
/// </example>
public sealed class MetaTrainingReport
{
    private const int WorstTasks = 10;

    private const string Style = """
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
        svg { width: 100%; margin: .5rem 0 1rem; } .title { font-size: 14px; font-weight: 600; } .tick { font-size: 11px; }
        .grid { stroke: #ddd; } table { border-collapse: collapse; margin: 1rem 0; } th { text-align: left; }
        td, th { border-bottom: 1px solid #ddd; padding: .25rem 1rem .25rem 0; font-variant-numeric: tabular-nums; }
        </style>
        """;

    /// <summary>Title of the page. Default "Meta-training".</summary>
    public string Title { get; init; } = "Meta-training";

    /// <summary>The reports of the training, collected as <see cref="TrainingOptions.Progress"/>.</summary>
    public required MetaTrainingHistory History { get; init; }

    /// <summary>Advice on β and the numbers of steps, if a pilot was run; null (default) for none.</summary>
    public NudgingAdvice? Advice { get; init; }

    /// <summary>
    /// Named evaluations, in the order in which they are shown, for example with different numbers of support rows, or of the baselines
    /// that the learner is compared with. The table of tasks shows the first evaluation. Default none.
    /// </summary>
    public IReadOnlyList<(string Name, FewShotMetrics Metrics)> Evaluations { get; init; } = [];

    /// <summary>Writes the page to a file. An existing file is replaced; a reader never sees a partly written file.</summary>
    /// <param name="path">Path of the file.</param>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var page = Encoding.UTF8.GetBytes(ToHtml());
        AtomicFile.Write(path, stream => stream.Write(page));
    }

    /// <summary>Creates the page as a string.</summary>
    public string ToHtml()
    {
        var title = Text(Title);
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>{title}</title>{Style}</head>
            <body>
            <h1>{title}</h1>
            {Training(History.Reports)}
            {(Advice is null ? "" : $"<h2>Nudging</h2><p>{Text(Advice.ToString())}</p>")}
            {Evaluated()}
            </body>
            </html>

            """;
    }

    private static string Training(IReadOnlyList<MetaTrainingProgress> reports)
    {
        if (reports.Count == 0)
        {
            return "<p>No meta-step was reported.</p>";
        }

        var last = reports[^1];
        var error = last.ValidationAccuracy is null ? "of squared error (standardised targets)" : "accuracy";
        var gain = last.Gain is null ? ""
            : Invariant($" Gained over no meta-training: {last.Gain:G3}{Interval(last.GainInterval95)} {error}, ")
            + "on the validation tasks, on which the best parameters were chosen.";
        return Invariant($"<p>{last.Step} of at most {last.TotalSteps} meta-steps in {last.Elapsed.TotalSeconds:F0} s; ")
            + Invariant($"best validation loss {last.BestValidationLoss:G4}.{gain}</p>")
            + Chart("Loss of tasks after adaptation", false, ("training", r => r.TrainingLoss), ("validation", r => r.ValidationLoss))
            + Chart("Accuracy on validation tasks", false, ("", r => r.ValidationAccuracy))
            + Chart("Gain over no meta-training", false, ("", r => r.Gain))
            + Chart(
                "Norms of gradients", true, ("meta-gradient", r => r.GradientNorm), ("free residual", r => r.FreeResidual),
                ("nudged residual", r => r.NudgedResidual))
            + Chart("Meta-learning rate", false, ("", r => r.GradientNorm is null ? null : r.LearningRate));

        string Chart(string title, bool isLogarithmic, params (string Name, Func<MetaTrainingProgress, double?> Value)[] lines) =>
            lines.Aggregate(
                new LineChart(title, "meta-step", isLogarithmic),
                (chart, line) => chart.Line(line.Name, reports.Select(r => ((double)r.Step, line.Value(r))))).ToSvg();
    }

    private string Evaluated()
    {
        if (Evaluations.Count == 0)
        {
            return "";
        }

        var rows = Evaluations.Select(of => $"<tr><td>{Text(of.Name)}</td>{Cell(of.Metrics)}"
            + string.Concat(of.Metrics.Others.Select(Cell)) + "</tr>");
        return $"<h2>Evaluations</h2><table>{string.Concat(rows)}</table>" + Worst(Evaluations[0].Name, Evaluations[0].Metrics);

        static string Cell(FewShotMetrics metrics) =>
            $"<td>{Text(metrics.Name)} {Invariant($"{metrics.Mean:G4}{Interval(metrics.ConfidenceInterval95)}")}</td>";
    }

    private static string Worst(string name, FewShotMetrics metrics)
    {
        var byTask = metrics.ByTask();
        var isAccuracy = metrics.Name == ClassificationMeter.Accuracy;
        var tasks = Enumerable.Range(0, (int)byTask.Rows.Count)
            .Select(row => (Name: (string)byTask["Task"][row], Mean: (double)byTask[metrics.Name][row]))
            .OrderBy(task => isAccuracy ? task.Mean : -task.Mean).Take(WorstTasks).ToArray();
        return tasks.Length == 0 ? "" : $"<h2>Tasks that went worst</h2><p>{Text(name)}, {Text(metrics.Name)} as a mean over the "
            + $"episodes of a task.</p><table>{string.Concat(tasks.Select(task =>
                $"<tr><td>{Text(task.Name)}</td><td>{Invariant($"{task.Mean:G4}")}</td></tr>"))}</table>";
    }

    private static string Interval(double? interval) => interval is { } width && double.IsFinite(width) ? Invariant($" ± {width:G2}") : "";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
