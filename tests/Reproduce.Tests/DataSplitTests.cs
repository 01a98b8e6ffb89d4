using Xunit;

namespace MLNetMeta.Reproduce.Tests;

public sealed class DataSplitTests
{
    private static readonly LabelledRows _rows = new(new float[60], [.. Enumerable.Range(0, 60).Select(i => i % 3)], 1, 3);

    [Fact]
    public void ByChance_AnySeed_GivesDisjointRows()
    {
        var split = DataSplit.ByChance(_rows, 20, 1);
        Assert.Equal((20, 20, 20), (split.Train.Length, split.Validation.Length, split.Test.Length));
        Assert.Equal(Enumerable.Range(0, 60), split.Train.Concat(split.Validation).Concat(split.Test).Order());
        Assert.NotEqual(split.Train, DataSplit.ByChance(_rows, 20, 2).Train);
    }

    [Fact]
    public void ByChance_TooManyRows_SaysWhatToLower() =>
        Assert.Contains(
            "Lower --rows", Assert.Throws<ArgumentException>(() => DataSplit.ByChance(_rows, 30, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Official_TestRows_AreTheLastAndNeverTrainedOn()
    {
        var split = DataSplit.Official(_rows, 10, null, 1);
        Assert.Equal(Enumerable.Range(50, 10), split.Test);
        Assert.Equal(Enumerable.Range(0, 50), split.Train.Concat(split.Validation).Order());
        Assert.Equal((7, 7), (DataSplit.Official(_rows, 10, 7, 1).Train.Length, DataSplit.Official(_rows, 10, 7, 1).Validation.Length));
    }

    [Fact]
    public void ByDrawer_Sets_ShareNoDrawerAndHaveEveryClass()
    {
        int[] drawers = [.. Enumerable.Range(0, 60).Select(i => i / 3)]; // 20 drawers of 3 characters
        var split = DataSplit.ByDrawer(_rows, drawers, 1);
        Assert.Equal((21, 21, 18), (split.Train.Length, split.Validation.Length, split.Test.Length));
        var sets = new[] { split.Train, split.Validation, split.Test }.Select(set => set.Select(r => drawers[r]).ToHashSet()).ToArray();
        Assert.Equal(20, sets.Sum(s => s.Count));
        Assert.Equal(20, sets.SelectMany(s => s).Distinct().Count());
        Assert.All(
            new[] { split.Train, split.Validation, split.Test },
            set => Assert.Equal(3, set.Select(r => _rows.Classes[r]).Distinct().Count()));
    }
}
