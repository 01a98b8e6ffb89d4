using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Scoring;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

public sealed class ClassSlotsTests
{
    [Fact]
    public void ForEpisode_OfKeysInAnyOrder_GivesTheSmallestKeyTheFirstClass()
    {
        var slots = ClassSlots.ForEpisode([5, 2, 9, 2], keyCount: 9, names: null);
        Assert.Equal([1, 4, 8], slots.SlotOfClass);
        Assert.Equal(9, slots.Count);
        Assert.False(slots.IsIdentity);
        Assert.Equal("5", slots.Describe(4));
    }

    [Theory]
    [InlineData(true, 3, 1, 2, 3)]
    [InlineData(false, 4, 1, 2, 3)]
    [InlineData(false, 3, 1, 3)]
    [InlineData(false, 2, 1, 3)]
    public void IsIdentity_OfSlots_IsThatEachClassStandsInItsOwn(bool expected, int keyCount, params int[] keys) =>
        Assert.Equal(expected, ClassSlots.ForEpisode(keys.Select(key => (uint)key), keyCount, names: null).IsIdentity);

    [Theory]
    [InlineData(2, 3, "3", "1")]
    [InlineData(5, 5, "3", "1")]
    [InlineData(1, LabelledRows.MostKeys, "1", "1000000")]
    public void ForShared_OfNumbersWithoutNames_TakesThemForKeys(int keyCount, int expectedCount, params string[] classes)
    {
        var slots = ClassSlots.ForShared(classes, keyCount, names: null)!;
        Assert.Equal(classes.Select(name => int.Parse(name, null) - 1), slots.SlotOfClass);
        Assert.Equal(expectedCount, slots.Count);
        Assert.Empty(slots.Added);
    }

    [Theory]
    [InlineData("walking")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1000001")]
    public void ForShared_OfNamesThatAreNoKeys_GivesNone(string name) =>
        Assert.Null(ClassSlots.ForShared(["1", name], keyCount: 2, names: null));
}
