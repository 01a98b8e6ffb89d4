using System.Collections;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

/// <summary>Records of the public API are values: those with equal members are equal, and print them.</summary>
public sealed class OptionsEqualityTests
{
    /// <summary>Two of each public record that has a list, made apart, and what they print of the list.</summary>
    public static TheoryData<string, Func<object>, string> Records => new()
    {
        { nameof(ConvNetOptions), () => new ConvNetOptions(new(1, 4, 4)) { Filters = [3, 5] }, "Filters = [3, 5]" },
        { "Options", () => new ComplexSynapseTrainer.Options(), "HiddenUnits = [64, 64]" },
        { "Options", () => new ComplexSynapseTrainer.Options { HiddenUnits = [7, 8] }, "HiddenUnits = [7, 8]" },
        { "Options", () => new ComplexSynapseTrainer.Options { HiddenUnits = new List<int> { 7, 8 } }, "HiddenUnits = [7, 8]" },
        { "Options", () => ComplexSynapseTrainer.Options.ForImages(new(1, 4, 4)), "Filters = [64, 64, 64, 64]" },
        { "Options", () => new DualSystemTrainer.Options { HiddenUnits = [7, 8] }, "HiddenUnits = [7, 8]" },
        { "Options", () => new PrototypicalNetworkTrainer.Options { HiddenUnits = [7, 8] }, "HiddenUnits = [7, 8]" },
        { "Options", () => new SpikingNetworkTrainer.Options { HiddenUnits = [7] }, "HiddenUnits = [7]" },
        { nameof(NudgingAdvice), () => new NudgingAdvice(0.1, 2, 3, 0.5, 0.6, [new(0.1, 2, 3, 0.5)]), "" },
    };

    [Theory]
    [MemberData(nameof(Records))]
    public void Equals_OfRecordsWithEqualLists_IsTrue(string name, Func<object> create, string list)
    {
        var (one, other) = (create(), create());
        Assert.Equal(name, one.GetType().Name);
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.Contains(list, one.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("`", one.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Equals_OfOtherLists_IsFalse()
    {
        Assert.NotEqual(new ComplexSynapseTrainer.Options { HiddenUnits = [7, 8] }, new ComplexSynapseTrainer.Options { HiddenUnits = [8, 7] });
        Assert.NotEqual(new ConvNetOptions(new(1, 4, 4)) { Filters = [3] }, new ConvNetOptions(new(1, 4, 4)) { Filters = [3, 3] });
    }

    [Fact]
    public void HiddenUnits_OfAListThatChangesAfterwards_StayAsTheyWere()
    {
        List<int> units = [7, 8];
        var options = new ComplexSynapseTrainer.Options { HiddenUnits = units };
        units[0] = 0;
        Assert.Equal([7, 8], options.HiddenUnits);
    }

    [Fact]
    public void Records_WithLists_AreAllInTheTable()
    {
        var withLists =
            from type in typeof(MetaTrainingOptions).Assembly.GetExportedTypes()
            where type.GetMethod("<Clone>$") is not null && !type.IsAbstract
            where type.GetProperties().Any(p => p.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(p.PropertyType))
            select type;
        Assert.Empty(withLists.Except(Records.Select(row => ((Func<object>)row[1])().GetType())));
    }
}
