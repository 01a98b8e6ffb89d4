using MLNetMeta.RealTasks;
using MLNetMeta.RealTasks.Methods;
using Xunit;

namespace MLNetMeta.Reproduce.Tests.RealTasks;

/// <summary>The opponents do what they are named for: an opponent that is broken would make any learner look good.</summary>
public sealed class MethodTests
{
    private static readonly TaskSet _set = RandomTasks.Linear(tasks: 60);

    private static readonly int[] _training = [.. Enumerable.Range(0, 40)];

    [Fact]
    public void MixedModel_OfLinearTasks_IsNearTheNoiseFromTwoRowsAndAheadOfRidge()
    {
        // Three numbers of a task are learned from two rows, and what they are around from other tasks.
        var mixed = Error(new MixedModel(), setting: 1, shots: 2);
        Assert.InRange(mixed, 0.01, 0.12);
        Assert.True(mixed < Error(new TaskRidge(), setting: 1, shots: 2) / 3, "Other tasks help.");
        Assert.InRange(Error(new MixedModel(), setting: 2, shots: 10), 0.01, 0.02);
    }

    [Fact]
    public void MixedModel_OfARandomInterceptOnly_IsBehindWhereSlopesDiffer() => Assert.True(
        Error(new MixedModel(), setting: 0, shots: 10) > 2 * Error(new MixedModel(), setting: 1, shots: 10));

    [Fact]
    public void GaussianProcess_OfLinearTasks_LearnsThem() =>
        Assert.InRange(Error(new GaussianProcess(), setting: 1, shots: 10), 0.005, 0.1);

    [Fact]
    public void TaskRidge_OfEnoughRows_IsNearTheNoise() => Assert.InRange(Error(new TaskRidge(), setting: 0, shots: 15), 0.005, 0.03);

    [Fact]
    public void NearestNeighbours_OfOne_GivesTheTargetOfTheNearestRow()
    {
        var model = new NearestNeighbours().Fit(_set, _training, 0, seed: 1);
        var predicted = model.Predict(new FewShotTask([0, 1, 2, 3], [0, 1, 2, 3]));
        Assert.Equal(_set.Targets[..4].Select(y => (double)y), predicted.Select(p => p[0]), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Logistic_AroundPooled_FollowsThePooledModelWithoutRowsAndTheTaskWithThem()
    {
        // The class is the sign of the first feature; in the new task, of its opposite.
        var set = _set with { Classes = ["negative", "positive"] };
        set = set with { Targets = [.. set.Features.Select((x, row) => (x[0] > 0) == (row / 20 != 59) ? 1f : 0f)] };
        int[] query = [.. set.Tasks[59][10..]];
        Assert.True(Share(0.001, Logistic.AroundPooled) < 0.3, "Ten rows and a weak prior: the task's own sign.");
        Assert.True(Share(0, Logistic.Pooled) > 0.9, "The pooled model knows the other sign only.");

        double Share(double strength, Logistic method)
        {
            var setting = strength == 0 ? 0 : method.Settings.ToList().IndexOf("λ 0.001");
            var predicted = method.Fit(set, _training, setting, seed: 1).Predict(new FewShotTask(set.Tasks[59][..10], query));
            return Score.Of(set, query, predicted, variance: 1);
        }
    }

    private static double Error(IMethod method, int setting, int shots)
    {
        var model = method.Fit(_set, _training, setting, seed: 1);
        return Enumerable.Range(40, 20).Average(task =>
        {
            var fewShot = FewShotTask.Of(_set, task, shots, seed: 1);
            return Score.Of(_set, fewShot.Query, model.Predict(fewShot), variance: 1);
        });
    }
}
