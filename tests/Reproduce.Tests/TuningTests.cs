using Microsoft.ML;
using MLNetMeta.Trainers;
using Xunit;

namespace MLNetMeta.Reproduce.Tests;

/// <summary>Equal effort: how settings are chosen, and what the table of methods promises.</summary>
public sealed class TuningTests
{
    private static readonly Axis[] _axes = [new("a", 1, 2, 3), new("b", 10, 20)];

    [Fact]
    public void OneAxisAfterTheOther_SeparableLoss_FindsTheBestWithOneTrainingForEachValue()
    {
        var (best, trials) = Tuning.OneAxisAfterTheOther(_axes, v => Math.Abs(v[0] - 3) + Math.Abs(v[1] - 20));
        Assert.Equal([3, 20], best);
        Assert.Equal([[1, 10], [2, 10], [3, 10], [3, 20]], trials.Select(t => t.Values));
    }

    [Fact]
    public void OneAxisAfterTheOther_SomeDiverge_TakesTheBestOfTheOthers() =>
        Assert.Equal([2, 10], Tuning.OneAxisAfterTheOther(_axes, v => v[0] == 2 && v[1] == 10 ? 5 : v[0] == 1 ? double.NaN : double.PositiveInfinity).Best);

    [Fact]
    public void OneAxisAfterTheOther_AllDiverge_SaysSo() => Assert.Contains(
        "smaller rates", Assert.Throws<InvalidOperationException>(() => Tuning.OneAxisAfterTheOther(_axes, _ => double.PositiveInfinity)).Message, StringComparison.Ordinal);

    [Fact]
    public void Methods_OfTheSinusoidTable_AreTunedWithTheSameEffort()
    {
        Assert.All(SinusoidMethods.All, method => Assert.Equal(6, Tuning.OneAxisAfterTheOther(method.Axes, _ => 0).Trials.Count));
        Assert.Equal(SinusoidMethods.All.Length, SinusoidMethods.All.Select(m => m.Name).Distinct().Count());
    }

    [Fact]
    public void Methods_EveryValueOfTheGrid_IsAcceptedAndCostsGradients()
    {
        var regression = new MLContext(1).MetaLearning().Regression;
        foreach (var method in SinusoidMethods.All)
        {
            Tuning.OneAxisAfterTheOther(method.Axes, values =>
            {
                Assert.InRange(method.Cost(values), 1, 1000);
                var options = method.Options(values) with { TaskColumnName = "Task" };
                _ = options is DualSystemTrainer.Options dual ? (object)regression.DualSystem(dual) : regression.ComplexSynapse((ComplexSynapseTrainer.Options)options);
                return 0;
            });
        }
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
