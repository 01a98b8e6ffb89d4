using Xunit;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>Follows a training that gives no warnings.</summary>
internal sealed class FailingLog : ITrainingLog
{
    public static FailingLog Instance { get; } = new();

    public void Report(MetaTrainingProgress progress)
    {
    }

    public void Inform(string message)
    {
    }

    public void Warn(string message) => Assert.Fail(message);
}
