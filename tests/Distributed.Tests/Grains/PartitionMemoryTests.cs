using MLNetMeta.Distributed.Grains;
using MLNetMeta.Trainers.Tasks;
using Xunit;

namespace MLNetMeta.Distributed.Tests.Grains;

/// <summary>A silo keeps the rows that it used last, and never more than it may.</summary>
public sealed class PartitionMemoryTests
{
    private const int Bytes = 400;

    private readonly List<int> _loads = [];
    private readonly PartitionMemory.Rows[] _rows = [new(), new(), new()];

    [Fact]
    public async Task Use_BeyondTheLimit_DropsWhatWasNotUsedForTheLongest()
    {
        using var memory = new PartitionMemory(new MetaLearningSiloOptions { MemoryLimit = 2 * Bytes });
        foreach (var partition in (int[])[0, 1, 0, 2, 0, 1])
        {
            await Use(memory, partition);
            memory.Release(_rows[partition]);
        }

        Assert.Equal([0, 1, 2, 1], _loads);
        Assert.Null(_rows[2].Data);
    }

    [Fact]
    public async Task Use_WhileAllOthersAreUsed_WaitsForOneToBeReleased()
    {
        using var memory = new PartitionMemory(new MetaLearningSiloOptions { MemoryLimit = 2 * Bytes });
        await Use(memory, 0);
        await Use(memory, 1);

        var third = Use(memory, 2);
        Assert.False(third.IsCompleted);
        Assert.NotNull(_rows[0].Data);
        memory.Release(_rows[1]);
        await third;

        Assert.NotNull(_rows[0].Data);
        Assert.Null(_rows[1].Data);
    }

    [Fact]
    public async Task Use_OfRowsThatNeverFit_SaysHowMuchTheyTake()
    {
        using var memory = new PartitionMemory(new MetaLearningSiloOptions { MemoryLimit = Bytes - 1 });
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Use(memory, 0));
        Assert.Contains("raise MemoryLimit, or make more partitions", failure.Message, StringComparison.Ordinal);

        // Nothing is left of it: what fits is taken.
        Assert.Equal(0, _rows[0].Users);
        await memory.Use(_rows[1], "form", () => Task.FromResult(Data(10)));
    }

    [Fact]
    public async Task Use_OfAnotherForm_ReplacesTheFirst()
    {
        using var memory = new PartitionMemory(new MetaLearningSiloOptions { MemoryLimit = Bytes });
        await Use(memory, 0);
        memory.Release(_rows[0]);
        await memory.Use(_rows[0], "other", () => Task.FromResult(Data(50)));
        Assert.Equal(("other", 200L), (_rows[0].Form, _rows[0].Bytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void MetaLearningSiloOptions_OfNothing_AreRefused(int value)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MetaLearningSiloOptions { Threads = value });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MetaLearningSiloOptions { MemoryLimit = value });
    }

    [Fact]
    public void Shared_IsDisposedOf_WhenTheLastOneLetsGo()
    {
        using var stream = new MemoryStream();
        var shared = new Shared<MemoryStream>(stream);
        using (var lease = shared.Use()!)
        {
            shared.Dispose();
            Assert.True(lease.Value.CanRead);
        }

        Assert.False(stream.CanRead);
        Assert.Null(shared.Use());
    }

    private Task<TaskData> Use(PartitionMemory memory, int partition) => memory.Use(_rows[partition], "form", () =>
    {
        _loads.Add(partition);
        return Task.FromResult(Data(Bytes / sizeof(float)));
    });

    private static TaskData Data(int values) => new()
    {
        Features = new float[values], FeatureCount = 1, Groups = [], GroupNames = [],
    };
}
