using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Trainers.Auto;

/// <summary>What a candidate's training says is a detail of the search, not news: a candidate may fail.</summary>
/// <param name="channel">The log.</param>
internal sealed class SearchLog(IChannel channel) : ITrainingLog
{
    public void Report(MetaTrainingProgress progress) => channel.Trace(
        MessageSensitivity.None, "Meta-step {0}: validation loss {1:G4}", progress.Step, progress.ValidationLoss);

    public void Inform(string message) => channel.Trace(MessageSensitivity.None, "{0}", message);

    public void Warn(string message) => channel.Trace(MessageSensitivity.None, "{0}", message);
}
