using MLNetMeta.Distributed.Driver;
using MLNetMeta.Distributed.Grains;
using MLNetMeta.Trainers.Tasks;
using Xunit;

namespace MLNetMeta.Distributed.Tests.Driver;

/// <summary>Blocks are of one partition, and yet every task is drawn as often as any other.</summary>
public sealed class TaskDrawTests
{
    // Partitions of 1, 3 and 8 tasks.
    private static readonly ClusterTask[] _tasks =
    [
        new(0, 0), .. Enumerable.Range(0, 3).Select(number => new ClusterTask(1, number)),
        .. Enumerable.Range(0, 8).Select(number => new ClusterTask(2, number)),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Draw_OfManySteps_TakesEveryTaskAsOften(int tasksPerBlock)
    {
        const int steps = 3000, perStep = 8;
        var draw = new TaskDraw(_tasks, partitions: 3, tasksPerBlock);
        var counts = Enumerable.Range(0, steps)
            .SelectMany(step => draw.Draw(seed: 7, TaskRange.Training(step, perStep)))
            .SelectMany(of => of.Block.Tasks.Select(number => new ClusterTask(of.Partition, number)))
            .CountBy(task => task).ToDictionary();

        Assert.Equal(_tasks.Length, counts.Count);
        var expected = (double)steps * perStep / _tasks.Length;
        // Blocks of four vary as if there were a quarter of them: five standard deviations.
        Assert.All(counts.Values, count => Assert.InRange(
            count, expected - (5 * Math.Sqrt(expected * 4)), expected + (5 * Math.Sqrt(expected * 4))));
    }

    [Fact]
    public void Draw_NumbersTasksOneAfterTheOther_AndCutsTheLastBlock()
    {
        var draw = new TaskDraw(_tasks, partitions: 3, tasksPerBlock: 4);
        var blocks = draw.Draw(seed: 7, TaskRange.Training(5, 10)).ToArray();
        Assert.Equal([(0, 4), (4, 4), (8, 2)], blocks.Select(of => (of.Block.First, of.Block.Tasks.Length)));
        Assert.Equal(blocks.Select(of => of.Block.First), draw.Draw(7, TaskRange.Training(5, 10)).Select(of => of.Block.First));
        Assert.All(blocks, of => Assert.Equal(_tasks.Count(task => task.Partition == of.Partition), of.Block.PickedAmong));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Draw_OfBlocks_GivesEverySiloAsMany(int silos)
    {
        const int partitions = 64;
        ClusterTask[] tasks =
        [
            .. from partition in Enumerable.Range(0, partitions)
               from number in Enumerable.Range(0, 10)
               select new ClusterTask(partition, number),
        ];
        var draw = new TaskDraw(tasks, partitions, tasksPerBlock: 8);
        for (var step = 0; step < 20; step++)
        {
            var perSilo = draw.Draw(seed: 7, TaskRange.Training(step, 64))
                .CountBy(of => PartitionPlacementDirector.Place(of.Partition, 0, partitions, silos)).ToDictionary();
            Assert.Equal(silos, perSilo.Count);
            Assert.All(perSilo.Values, blocks => Assert.Equal(8 / silos, blocks));
        }
    }

    [Theory]
    [InlineData(3, 8, 4)]
    [InlineData(3, 2, 2)]
    [InlineData(24, 8, 1)]
    public void BlockSize_IsNotMoreThanAPartitionHas(int partitions, int tasksPerBlock, int expected) =>
        Assert.Equal(expected, new TaskDraw(_tasks, partitions, tasksPerBlock).BlockSize);
}
