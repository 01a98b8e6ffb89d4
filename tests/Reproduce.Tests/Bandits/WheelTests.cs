using MLNetMeta.Reproduce.Bandits;
using Xunit;

namespace MLNetMeta.Reproduce.Tests.Bandits;

public sealed class WheelTests
{
    [Theory]
    [InlineData(0.6, 0.6, 0)]
    [InlineData(0.6, -0.6, 1)]
    [InlineData(-0.6, 0.6, 2)]
    [InlineData(-0.6, -0.6, 3)]
    public void Reward_OnTheRim_IsTheJackpotOfTheQuadrantsArm(double x, double y, int best)
    {
        var wheel = new Wheel(0.8);
        for (var arm = 0; arm < Wheel.Arms; arm++)
        {
            Assert.Equal(arm == best ? (50, 0.01) : (arm == 4 ? 1.2 : 1, 0.05), wheel.Reward(x, y, arm));
            Assert.Equal(arm == best ? 0 : arm == 4 ? 48.8 : 49, wheel.Regret(x, y, arm), 1e-12);
        }
    }

    [Fact]
    public void Reward_InTheHub_IsLargestForTheLastArm()
    {
        var wheel = new Wheel(0.8);
        Assert.Equal(
            [(1, 0.05), (1, 0.05), (1, 0.05), (1, 0.05), (1.2, 0.05)],
            Enumerable.Range(0, Wheel.Arms).Select(arm => wheel.Reward(0.5, 0.5, arm)));
        Assert.Equal([0.2, 0.2, 0.2, 0.2, 0], Enumerable.Range(0, Wheel.Arms).Select(arm => Math.Round(wheel.Regret(0.5, 0.5, arm), 12)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    [InlineData(1)]
    public void UniformRegret_OfManyPulls_IsTheExpectedOne(double delta)
    {
        var runs = new BanditRuns(new Wheel(delta), 20, 5000, seed: 3);
        using var agent = new UniformAgent(runs, seed: 4);
        runs.Play(agent);
        // A pull's regret has a standard deviation of up to 5 times its mean where the rim is thin: 100,000 pulls leave 2 %.
        Assert.Equal(1, Enumerable.Range(0, 20).Average(run => runs.NormalizedRegret(run, 5000)), 0.05);
    }

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void Create_OfARadiusBeyondTheDisc_IsRefused(double delta)
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(() => new Wheel(delta));
        Assert.Contains("must be from 0 to 1", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void Reward_OfAnUnknownArm_IsRefused(int arm)
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(() => new Wheel(0.5).Reward(0, 0, arm));
        Assert.Contains("A wheel has the arms 0 to 4", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_ManyTimes_FillsTheDiscEvenly()
    {
        var random = new Random(1);
        var contexts = Enumerable.Range(0, 20_000).Select(_ => Wheel.Draw(random)).ToArray();
        Assert.All(contexts, c => Assert.True((c.X * c.X) + (c.Y * c.Y) <= 1));
        Assert.Equal(0.25, contexts.Count(c => (c.X * c.X) + (c.Y * c.Y) < 0.25) / 20_000.0, 0.01);
        Assert.Equal(0.25, contexts.Count(c => c is { X: > 0, Y: > 0 }) / 20_000.0, 0.01);
    }

    [Fact]
    public void Draw_OfTasks_ObservesOneArmOfEveryRow()
    {
        var data = WheelTasks.Draw(3, seed: 2);
        Assert.Equal((3, 3 * 562, 5), (data.Groups.Length, data.Rows, data.OutputCount));
        Assert.True(data.MayMissTargets);
        for (var row = 0; row < data.Rows; row++)
        {
            Assert.Equal(1, data.TargetsOf(row).ToArray().Count(target => !float.IsNaN(target)));
        }

        var pulled = Enumerable.Range(0, Wheel.Arms).Select(
            arm => Enumerable.Range(0, data.Rows).Count(row => !float.IsNaN(data.TargetsOf(row)[arm])));
        Assert.All(pulled, count => Assert.InRange(count, 270, 410));
    }
}
