using MLNetMeta.Transforms.Improving;
using MLNetMeta.Transforms.Learners;
using Xunit;

namespace MLNetMeta.Transforms.Tests.Improving;

public sealed class TaskSplitterTests
{
    [Theory]
    [InlineData(3, 3)]
    [InlineData(1, 1)]
    [InlineData(6, 5)]
    [InlineData(99, 5)]
    public void Split_OfARegression_LearnsFromSoManyRows_AndLeavesOne(int asked, int expected)
    {
        var task = new SupportSet(6, [.. Enumerable.Range(0, 12).Select(i => (float)i)], null, [0, 1, 2, 3, 4, 5]);
        var (support, query) = TaskSplitter.Split(task, ownClasses: false, asked, new Random(1))!.Value;
        Assert.Equal((expected, 6 - expected), (support.Rows, query.Rows));
        Assert.Equal([0, 1, 2, 3, 4, 5], support.Targets!.Concat(query.Targets!).Order());
        // Features stay with their targets.
        Assert.All(support.Targets!.Zip(support.Features.Chunk(2)), row => Assert.Equal([2 * row.First, (2 * row.First) + 1], row.Second));
    }

    [Fact]
    public void Split_OfClasses_LearnsFromEach()
    {
        var task = new SupportSet(7, new float[7], [0, 0, 0, 0, 1, 1, 2], null);
        for (var seed = 0; seed < 20; seed++)
        {
            var (support, query) = TaskSplitter.Split(task, ownClasses: true, 2, new Random(seed))!.Value;
            // Of two rows one is left, and a row that is alone is learned from.
            Assert.Equal([0L, 0, 1, 2], support.Classes!.Order());
            Assert.Equal([0L, 0, 1], query.Classes!.Order());
        }
    }

    [Fact]
    public void Split_WithNothingToMeasureBy_OrOneClassOfItsOwn_IsNone()
    {
        Assert.Null(TaskSplitter.Split(new SupportSet(1, [0], null, [1]), false, 2, new Random(1)));
        Assert.Null(TaskSplitter.Split(new SupportSet(2, [0, 0], [0, 1], null), true, 2, new Random(1)));
        Assert.Null(TaskSplitter.Split(new SupportSet(3, [0, 0, 0], [0, 0, 0], null), true, 2, new Random(1)));
        Assert.NotNull(TaskSplitter.Split(new SupportSet(3, [0, 0, 0], [0, 0, 0], null), false, 2, new Random(1)));
    }

    [Fact]
    public void Renumber_OfSomeClasses_CountsThemFromZero() =>
        Assert.Equal([1L, 0, 2, 1], TaskSplitter.Renumber(new SupportSet(4, new float[4], [5, 2, 9, 5], null)).Classes!);
}
