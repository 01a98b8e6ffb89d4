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
        var training = report.TrainingLoss is { } loss ? FormattableString.Invariant($"training loss {loss:G4}, ") : "";
        var accuracy = report.ValidationAccuracy is { } share ? FormattableString.Invariant($", accuracy {share:P1}") : "";
        channel.Info(
            MessageSensitivity.None, "Meta-step {0} of {1}: {2}validation loss {3:G4} (best {4:G4}){5}, {6:F0} s",
            report.Step, report.TotalSteps, training, report.ValidationLoss, report.BestValidationLoss, accuracy,
            report.Elapsed.TotalSeconds);
        progress.Checkpoint(report.TrainingLoss, report.ValidationLoss, report.Step);
        also?.Report(report);
    }

    public void Inform(string message) => channel.Info(MessageSensitivity.None, "{0}", message);

    public void Warn(string message) => channel.Warning(MessageSensitivity.None, "{0}", message);
}
