using Microsoft.ML;
using MLNetMeta.Trainers;
using Xunit;

namespace MLNetMeta.Reproduce.Tests;

/// <summary>Equal effort: how settings are chosen, and what the table of methods promises.</summary>
public sealed class TuningTests
{
    private static readonly Axis[] _axes = [new("a", 1, 2, 3), new("b", 10, 20)];

    private static readonly TunedMethod<SpikingNetworkTrainer.Options>[] _spiking = SpikingMethods.All(
        new SpikingPhases(Free: 60, Nudged: 5, Recorded: 10, Tasks: 10));

    [Fact]
    public void OneAxisAfterTheOther_SeparableLoss_FindsTheBestWithOneTrainingForEachValue()
    {
        var (best, trials) = Tuning.OneAxisAfterTheOther(_axes, v => Math.Abs(v[0] - 3) + Math.Abs(v[1] - 20));
        Assert.Equal([3, 20], best);
        Assert.Equal([[1, 10], [2, 10], [3, 10], [3, 20]], trials.Select(t => t.Values));
    }

    [Fact]
    public void OneAxisAfterTheOther_SomeDiverge_TakesTheBestOfTheOthers() =>
        Assert.Equal(
            [2, 10],
            Tuning.OneAxisAfterTheOther(_axes, v => v[0] == 2 && v[1] == 10 ? 5 : v[0] == 1 ? double.NaN : double.PositiveInfinity).Best);

    [Fact]
    public void OneAxisAfterTheOther_AllDiverge_SaysSo() => Assert.Contains(
        "smaller rates",
        Assert.Throws<InvalidOperationException>(() => Tuning.OneAxisAfterTheOther(_axes, _ => double.PositiveInfinity)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Methods_OfTheTables_AreTunedWithTheSameEffort()
    {
        Assert.All(SinusoidMethods.All, method => Assert.Equal(6, Tuning.OneAxisAfterTheOther(method.Axes, _ => 0).Trials.Count));
        Assert.All(_spiking, method => Assert.Equal(6, Tuning.OneAxisAfterTheOther(method.Axes, _ => 0).Trials.Count));
        Assert.Equal(SinusoidMethods.All.Length, SinusoidMethods.All.Select(m => m.Name).Distinct().Count());
        Assert.Equal(_spiking.Length, _spiking.Select(m => m.Name).Distinct().Count());
    }

    [Fact]
    public void Methods_EveryValueOfTheGrids_IsAcceptedAndCostsGradients()
    {
        var regression = new MLContext(1).MetaLearning().Regression;
        foreach (var method in SinusoidMethods.All)
        {
            Tuning.OneAxisAfterTheOther(method.Axes, values =>
            {
                Assert.InRange(method.Cost(values), 1, 1000);
                var options = method.Options(values) with { Tasks = new TaskColumn("Task") };
                _ = options is DualSystemTrainer.Options dual
                    ? (object)regression.DualSystem(dual)
                    : regression.ComplexSynapse((ComplexSynapseTrainer.Options)options);
                return 0;
            });
        }

        foreach (var method in _spiking)
        {
            Tuning.OneAxisAfterTheOther(method.Axes, values =>
            {
                Assert.InRange(method.Cost(values), 1, 1000);
                _ = regression.SpikingNetwork(method.Options(values));
                return 0;
            });
        }
    }

    [Fact]
    public void Methods_OfTheSpikingTable_CostWhatTheirPhasesPresent()
    {
        int Cost(string name) => _spiking.Single(m => m.Name == name) is var method ? method.Cost(method.Start) : 0;
        Assert.Equal(60 + (2 * 2 * 5), Cost("contrastive, e-prop"));
        Assert.Equal(60 + (2 * 5), Cost("contrastive one-sided, e-prop"));
        Assert.Equal(50 + (3 * 10), Cost("truncated unrolling, e-prop"));
        Assert.Equal(3 * 10, Cost("unrolled short phase, BPTT"));
        Assert.Equal(60 + 1, Cost("first-order MAML, e-prop"));
    }

    [Fact]
    public void Spread_OfFewRuns_IsStudentsInterval()
    {
        // Two runs 1 apart: s = 0.7071, s / √2 = 0.5, t = 12.706; four runs 1 to 4: s / √4 = 0.6455, t = 3.182.
        Assert.Equal(6.353, Spread.Of([1, 2]).Interval, 1e-3);
        Assert.Equal(2.054, Spread.Of([1, 2, 3, 4]).Interval, 1e-3);
        Assert.Equal(2.5, Spread.Of([1, 2, 3, 4]).Mean);
        Assert.Equal("7", Spread.Of([7]).ToString());
    }
}
