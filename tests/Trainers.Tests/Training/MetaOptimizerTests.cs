using Xunit;

namespace MLNetMeta.Trainers.Tests.Training;

public sealed class MetaOptimizerTests
{
    private static readonly float[] _theta = [1, 2];

    // Of norm 5.
    private static readonly float[] _gradient = [3, 4];

    [Theory]
    [InlineData(null, 1)]
    [InlineData(10.0, 1)]
    [InlineData(5.0, 1)]
    [InlineData(2.5, 0.5)]
    public void Step_OfAGradientBeyondTheLimit_IsOfOneOfThatNorm(double? limit, double share)
    {
        var updated = new MetaOptimizer(Optimizer.Sgd(0.1), limit, 2).Step(_theta, _gradient, 0.1);
        Assert.Equal([1 - (0.3 * share), 2 - (0.4 * share)], updated.Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([1, 2], _theta);
        Assert.Equal([3, 4], _gradient);
    }

    [Fact]
    public void State_OfSteps_IsWhatTheNextDependsOn()
    {
        var optimizer = new MetaOptimizer(Optimizer.Adam(0.1), null, 2);
        var once = optimizer.Step(_theta, _gradient, 0.1);
        var state = optimizer.State;
        var twice = optimizer.Step(once, [4, -3], 0.1);

        var restored = new MetaOptimizer(Optimizer.Adam(0.1), null, 2);
        restored.Restore(state);
        Assert.Equal(twice, restored.Step(once, [4, -3], 0.1));
        optimizer.Reset(2);
        Assert.Equal(once, optimizer.Step(_theta, _gradient, 0.1));
    }
}
