using Xunit;

namespace MLNetMeta.Trainers.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(LearningRateSchedule.Constant, 1, 1, 1)]
    [InlineData(LearningRateSchedule.Linear, 1, 0.75, 0.5)]
    [InlineData(LearningRateSchedule.Cosine, 1, 0.85355339059327376, 0.5)]
    public void Factor_AtTheStartAQuarterAndHalf_IsThatOfTheFormula(
        LearningRateSchedule schedule, double start, double quarter, double half)
    {
        Assert.Equal(start, schedule.Factor(0, 100), 1e-15);
        Assert.Equal(quarter, schedule.Factor(25, 100), 1e-15);
        Assert.Equal(half, schedule.Factor(50, 100), 1e-15);
    }

    [Theory]
    [InlineData(LearningRateSchedule.Linear)]
    [InlineData(LearningRateSchedule.Cosine)]
    public void Factor_OverTheSteps_FallsAndStaysPositive(LearningRateSchedule schedule)
    {
        var factors = Enumerable.Range(0, 50).Select(step => schedule.Factor(step, 50)).ToArray();
        Assert.All(factors.Zip(factors.Skip(1)), pair => Assert.True(pair.First > pair.Second));
        Assert.InRange(factors[^1], 1e-6, 0.05);
    }
}
