using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>Tells the log and the progress channel of ML.NET, and who else asked for it, how a meta-training goes.</summary>
/// <param name="channel">The log.</param>
/// <param name="progress">The progress channel.</param>
/// <param name="also">Gets the reports too; null for nobody.</param>
internal sealed class TrainingLog(IChannel channel, IProgressChannel progress, IProgress<MetaTrainingProgress>? also) : ITrainingLog
{
    public void Report(MetaTrainingProgress report)
    {
        channel.Info(
            MessageSensitivity.None, "Meta-step {0} of {1}: training loss {2:G4}, validation loss {3:G4} (best {4:G4}), {5:F0} s",
            report.Step, report.TotalSteps, report.TrainingLoss, report.ValidationLoss, report.BestValidationLoss,
            report.Elapsed.TotalSeconds);
        progress.Checkpoint(report.TrainingLoss, report.ValidationLoss, report.Step);
        also?.Report(report);
    }

    public void Inform(string message) => channel.Info(MessageSensitivity.None, "{0}", message);

    public void Warn(string message) => channel.Warning(MessageSensitivity.None, "{0}", message);
}
