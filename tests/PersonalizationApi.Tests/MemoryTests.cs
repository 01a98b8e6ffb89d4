using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.PersonalizationApi.Tests;

/// <summary>Runs while no other test does: the memory that it measures is the whole process's.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "Alone";
}

/// <summary>The service over many adaptations.</summary>
[Collection(RunsAlone.Name)]
public sealed class MemoryTests : IDisposable
{
    private const int Warmup = 300, Measured = 600;

    // What the allocators may not have given back yet; a leaked session per adaptation would be ten times as much.
    private const long AllowedGrowth = 24 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ManyAdaptations_KeepMemoryFlat()
    {
        await using var service = await Service.StartAsync(_folder, null, "CachedModels=8");
        var rows = Blobs.Classes(["a", "b"], 5);
        await LearnAsync(Warmup);
        var before = WorkingSet();

        await LearnAsync(Measured);

        Assert.InRange(WorkingSet() - before, long.MinValue, AllowedGrowth);

        static long WorkingSet()
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            return Environment.WorkingSet;
        }

        async Task LearnAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var learned = await service.LearnAsync($"user-{i % 16}", rows);
                learned.EnsureSuccessStatusCode();
            }
        }
    }
}
