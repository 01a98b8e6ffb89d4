namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>Keeps what a training says.</summary>
internal sealed class RecordingLog : ITrainingLog
{
    public List<MetaTrainingProgress> Reports { get; } = [];

    public List<string> Messages { get; } = [];

    public List<string> Warnings { get; } = [];

    public void Report(MetaTrainingProgress progress) => Reports.Add(progress);

    public void Inform(string message) => Messages.Add(message);

    public void Warn(string message) => Warnings.Add(message);
}
