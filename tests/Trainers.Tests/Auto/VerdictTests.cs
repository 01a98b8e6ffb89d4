using MLNetMeta.Trainers.Auto;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Auto;

public sealed class VerdictTests
{
    [Fact]
    public void Of_GainsOutsideTheirIntervals_SaysThatItPays() =>
        Assert.EndsWith("Few-shot learning pays here.", Of((0.2, 0.1), (0.3, 0.1)), StringComparison.Ordinal);

    [Fact]
    public void Of_AGainWithinItsInterval_SaysThatNoneWasShown() => Assert.EndsWith(
        "No gain over method 1 could be shown: few-shot learning may not pay here.", Of((0.2, 0.1), (0.05, 0.1)), StringComparison.Ordinal);

    [Fact]
    public void Of_ALossOutsideItsInterval_NamesWhatToUseInstead() => Assert.EndsWith(
        "Few-shot learning does not pay here: use method 2.", Of((0.2, 0.1), (-0.2, 0.1), (-0.3, 0.1), (0, 0.1)), StringComparison.Ordinal);

    [Fact]
    public void Of_AnyComparisons_SaysFiguresWithIntervals() => Assert.Equal(
        "On 2 tasks that no choice was made on: accuracy 0.7 ± 0.2; better than method 0 (0.7; gain 0.2 ± 0.1). "
        + "Few-shot learning pays here.",
        Of((0.2, 0.1)));

    private static string Of(params (double Gain, double Interval)[] gains)
    {
        var metrics = new FewShotMetrics("Accuracy", [0.6, 0.8]);
        return Verdict.Of(
        [
            new AutoComparison { Name = "own", Metrics = metrics, Gain = double.NaN, GainInterval95 = double.NaN },
            .. gains.Select((g, i) =>
                new AutoComparison { Name = $"method {i}", Metrics = metrics, Gain = g.Gain, GainInterval95 = g.Interval }),
        ], 2, areTasks: true);
    }
}
