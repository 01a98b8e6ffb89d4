using Microsoft.Data.Analysis;

namespace MLNetMeta.Trainers;

/// <summary>Collects the reports of a meta-training. Pass it as <see cref="TrainingOptions.Progress"/>.</summary>
/// <remarks>
/// Thread-safe. Reports are kept in the order of arrival. A resumed training also adds the reports from before its checkpoint.
/// </remarks>
/// <example>
/// <code>
/// var history = new MetaTrainingHistory();
/// var options = new DualSystemTrainer.Options { Tasks = new TaskColumn("Machine"), Training = new() { Progress = history } };
/// using var learner = ml.MetaLearning().Regression.DualSystem(options).Fit(rows).Learner;
/// Console.WriteLine(history.ToDataFrame());
/// </code>
/// </example>
public sealed class MetaTrainingHistory : IProgress<MetaTrainingProgress>
{
    private readonly List<MetaTrainingProgress> _reports = [];

    /// <summary>The reports so far.</summary>
    public IReadOnlyList<MetaTrainingProgress> Reports
    {
        get
        {
            lock (_reports)
            {
                return [.. _reports];
            }
        }
    }

    /// <summary>Adds a report.</summary>
    /// <param name="value">The report.</param>
    public void Report(MetaTrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_reports)
        {
            _reports.Add(value);
        }
    }

    /// <summary>
    /// One row per report. Columns: Step, TrainingLoss, ValidationLoss, ValidationAccuracy, Gain, GainInterval95, GradientNorm,
    /// FreeResidual, NudgedResidual, LearningRate, Seconds. Values that a report does not have are missing.
    /// </summary>
    public DataFrame ToDataFrame()
    {
        var reports = Reports;
        return new DataFrame(
            new Int32DataFrameColumn("Step", reports.Select(r => r.Step)),
            Column("TrainingLoss", r => r.TrainingLoss),
            Column("ValidationLoss", r => r.ValidationLoss),
            Column("ValidationAccuracy", r => r.ValidationAccuracy),
            Column("Gain", r => r.Gain),
            Column("GainInterval95", r => r.GainInterval95),
            Column("GradientNorm", r => r.GradientNorm),
            Column("FreeResidual", r => r.FreeResidual),
            Column("NudgedResidual", r => r.NudgedResidual),
            Column("LearningRate", r => r.LearningRate),
            Column("Seconds", r => r.Elapsed.TotalSeconds));

        DoubleDataFrameColumn Column(string name, Func<MetaTrainingProgress, double?> value) => new(name, reports.Select(value));
    }
}
