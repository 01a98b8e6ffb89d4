using System.Globalization;
using MLNetMeta.Trainers;
using Spectre.Console;

namespace MLNetMeta.Samples;

/// <summary>Shows a meta-training as a progress bar, or as a few plain lines if the output is not a terminal.</summary>
internal static class TrainingProgress
{
    /// <param name="name">Name of the learner that is trained.</param>
    /// <param name="history">Collects the reports.</param>
    /// <param name="train">The training. It reports to the progress object that it receives.</param>
    /// <param name="plainLines">Approximate number of lines if the output is not a terminal.</param>
    public static T Show<T>(string name, MetaTrainingHistory history, Func<IProgress<MetaTrainingProgress>, T> train, int plainLines = 5) =>
        Console.IsOutputRedirected
            ? train(new Reporter(history, report => WriteLine(name, report, plainLines)))
            : ShowBar(name, history, train);

    private static T ShowBar<T>(string name, MetaTrainingHistory history, Func<IProgress<MetaTrainingProgress>, T> train) =>
        AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .Start(context =>
        {
            var bar = context.AddTask(name);
            return train(new Reporter(history, report =>
            {
                bar.MaxValue = report.TotalSteps;
                bar.Value = report.Step;
                bar.Description = FormattableString.Invariant($"{name}: validation loss {report.BestValidationLoss:F3}");
            }));
        });

    private static void WriteLine(string name, MetaTrainingProgress report, int lines)
    {
        var stride = Math.Max(1, report.TotalSteps / lines / 10 * 10);
        if (report.Step % stride == 0 || report.Step == report.TotalSteps)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: step {report.Step} of {report.TotalSteps}, validation loss {report.BestValidationLoss:F3}, "
                + $"{report.Elapsed.TotalSeconds:F0} s"));
        }
    }

    // System.Progress<T> reports on another thread, out of order.
    private sealed class Reporter(MetaTrainingHistory history, Action<MetaTrainingProgress> show) : IProgress<MetaTrainingProgress>
    {
        public void Report(MetaTrainingProgress value)
        {
            history.Report(value);
            show(value);
        }
    }
}
