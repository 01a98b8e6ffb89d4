using MLNetMeta.Trainers.Auto;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Auto;

public sealed class TaskSharesTests
{
    [Theory]
    [InlineData(5, 1)]
    [InlineData(10, 2)]
    [InlineData(42, 8)]
    public void Of_Tasks_SetsAFifthAside(int tasks, int aside)
    {
        var shares = TaskShares.Of(Data(tasks), new TaskColumn("Task"), new Random(1));
        Assert.Equal((tasks - aside, aside), (shares.Search.Groups.Length, shares.SetAside.Groups.Length));
        Assert.Empty(shares.Search.Groups.SelectMany(rows => rows).Intersect(shares.SetAside.Groups.SelectMany(rows => rows)));
        Assert.Equal(
            Enumerable.Range(0, tasks).Select(task => $"{task}"),
            shares.Search.GroupNames.Concat(shares.SetAside.GroupNames).OrderBy(int.Parse));
    }

    [Fact]
    public void Of_Classes_LeavesEnoughForAnEpisodeOnEachSide()
    {
        var shares = TaskShares.Of(Data(15), new Episodes { Ways = 5 }, new Random(1));
        Assert.Equal((10, 5), (shares.Search.Groups.Length, shares.SetAside.Groups.Length));
        Assert.Contains(
            "14 usable classes", Assert.Throws<InvalidOperationException>(() =>
                TaskShares.Of(Data(14), new Episodes { Ways = 5 }, new Random(1))).Message, StringComparison.Ordinal);
    }

    private static TaskData Data(int groups) => new()
    {
        Features = new float[groups * 2], FeatureCount = 1, Targets = new float[groups * 2],
        Groups = [.. Enumerable.Range(0, groups).Select(g => new[] { 2 * g, (2 * g) + 1 })],
        GroupNames = [.. Enumerable.Range(0, groups).Select(g => $"{g}")],
    };
}
