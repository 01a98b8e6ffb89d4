using MLNetMeta.RealTasks;
using Xunit;

namespace MLNetMeta.Reproduce.Tests.RealTasks;

public sealed class ProtocolTests
{
    [Fact]
    public void Split_OfTasks_SharesThemOutOnce()
    {
        var split = Split.Of(RandomTasks.Linear(tasks: 23), seed: 1);
        Assert.Equal((13, 5, 5), (split.Training.Length, split.Validation.Length, split.Test.Length));
        Assert.Equal(Enumerable.Range(0, 23), split.Training.Concat(split.Validation).Concat(split.Test).Order());
        Assert.NotEqual(split.Test, Split.Of(RandomTasks.Linear(tasks: 23), seed: 2).Test);
    }

    [Fact]
    public void Task_OfClasses_HasSoManyRowsOfEachAndQueriesTheOthers()
    {
        var set = RandomTasks.Linear(tasks: 2) with { Classes = ["a", "b", "c"] };
        set = set with { Targets = [.. set.Targets.Select((_, row) => row % 20 == 0 ? 2f : row % 2)] };
        var task = FewShotTask.Of(set, 1, shots: 4, seed: 3);
        // Twenty rows of a task: one of class 2, which the query keeps, nine of class 0 and ten of class 1.
        Assert.Equal([4, 4], task.Support.GroupBy(row => set.Targets[row]).Select(rows => rows.Count()));
        Assert.Equal(set.Tasks[1].Order(), task.Support.Concat(task.Query).Order());
        Assert.Equal(task.Support, FewShotTask.Of(set, 1, shots: 4, seed: 3).Support);
    }

    [Fact]
    public void Score_OfARareClass_IsOneMinusAveragePrecision()
    {
        var set = RandomTasks.Linear(tasks: 1) with { Classes = ["no", "yes"], IsImbalanced = true };
        set = set with { Targets = [1, 0, 1, 0] };
        // In the order of the scores: yes, no, yes, no. Precisions 1 and 2/3.
        var score = Score.Of(set, [0, 1, 2, 3], [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]], variance: 1);
        Assert.Equal(1 - ((1 + (2.0 / 3)) / 2), score, 1e-12);
    }
}
