using System.Globalization;
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
        // The feature of a row is its number in the data: a task's are twice its name and one more.
        foreach (var share in (TaskData[])[shares.Search, shares.SetAside])
        {
            Assert.Equal(2 * share.Groups.Length, share.Rows);
            Assert.All(share.Groups.Zip(share.GroupNames), task => Assert.Equal(
                [2f * int.Parse(task.Second, CultureInfo.InvariantCulture), (2f * int.Parse(task.Second, CultureInfo.InvariantCulture))
                    + 1],
                task.First.Select(row => share.FeaturesOf(row)[0])));
            Assert.Equal(share.Features.Select(x => -x), share.Targets);
        }

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
        Features = [.. Enumerable.Range(0, groups * 2).Select(row => (float)row)], FeatureCount = 1,
        Targets = [.. Enumerable.Range(0, groups * 2).Select(row => -(float)row)],
        Groups = [.. Enumerable.Range(0, groups).Select(g => new[] { 2 * g, (2 * g) + 1 })],
        GroupNames = [.. Enumerable.Range(0, groups).Select(g => $"{g}")],
    };
}
