using System.Collections;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

/// <summary>Records of the public API are values: those with equal members are equal, and print them.</summary>
public sealed class OptionsEqualityTests
{
    /// <summary>Two of each public record that has a list, made apart, and what they print of the list.</summary>
    public static TheoryData<string, Func<object>, string> Records => new()
    {
        { nameof(ConvolutionalNetwork), () => new ConvolutionalNetwork(new(1, 4, 4)) { Filters = [3, 5] }, "Filters = [3, 5]" },
        { nameof(MultilayerPerceptron), () => new MultilayerPerceptron { HiddenUnits = new List<int> { 7, 8 } }, "HiddenUnits = [7, 8]" },
        { nameof(ParameterSpec), () => new ParameterSpec("weight", [7, 8]), "weight [7, 8]" },
        { "Options", () => new ComplexSynapseTrainer.Options(), "HiddenUnits = [64, 64]" },
        { "Options", () => ComplexSynapseTrainer.Options.ForImages(new(1, 4, 4)), "Filters = [64, 64, 64, 64]" },
        { "Options", () => new DualSystemTrainer.Options { Network = Units(7, 8) }, "HiddenUnits = [7, 8]" },
        { "Options", () => new PrototypicalNetworkTrainer.Options { Network = Units(7, 8) }, "HiddenUnits = [7, 8]" },
        { "Options", () => new SpikingNetworkTrainer.Options { Tasks = new TaskColumn("Task") }, "Neurons = 100" },
        {
            nameof(NudgingAdvice), () => new NudgingAdvice
            {
                NudgingStrength = 0.1, AdaptationSteps = 2, NudgedSteps = 3, EstimatedError = 0.5, SettlingError = 0.6,
                Trials = [new NudgingTrial { NudgingStrength = 0.1, AdaptationSteps = 2, NudgedSteps = 3, Error = 0.5 }],
            }, ""
        },
    };

    /// <summary>Rules made apart with the same settings.</summary>
    public static TheoryData<Func<MetaGradientRule>> Rules =>
    [
        () =>
            MetaGradientRule.Contrastive(0.1, NudgingStencil.Forward, 3, Optimizer.Adam(0.1)), () => MetaGradientRule.ConjugateGradient(3),
        () =>
            MetaGradientRule.NeumannSeries(3, 0.1), MetaGradientRule.T1T2, () => MetaGradientRule.Unrolled(3), MetaGradientRule.FirstOrder,
        MetaGradientRule.Reptile,
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Equals_OfRulesWithTheSameSettings_IsTrue(Func<MetaGradientRule> create)
    {
        Assert.Equal(create(), create());
        Assert.Equal(create().GetHashCode(), create().GetHashCode());
        Assert.NotEqual(create(), MetaGradientRule.Unrolled());
        Assert.NotEqual(create(), MetaGradientRule.Contrastive());
    }

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
        Assert.NotEqual(Units(7, 8), Units(8, 7));
        Assert.NotEqual(
            new ComplexSynapseTrainer.Options { Network = Units(7, 8) }, new ComplexSynapseTrainer.Options { Network = Units(8, 7) });
        Assert.NotEqual(
            new ConvolutionalNetwork(new(1, 4, 4)) { Filters = [3] }, new ConvolutionalNetwork(new(1, 4, 4)) { Filters = [3, 3] });
    }

    [Fact]
    public void Equals_OfParametersThatDiffer_IsFalse()
    {
        var weight = new ParameterSpec("weight", [7, 8]);
        Assert.NotEqual(weight, new ParameterSpec("weight", [8, 7]));
        Assert.NotEqual(weight, weight with { InitialMean = 1 });
        Assert.NotEqual(weight, weight with { InitialDeviation = 1 });
        Assert.NotEqual(weight, weight with { IsPerClass = true });
    }

    [Fact]
    public void HiddenUnits_OfAListThatChangesAfterwards_StayAsTheyWere()
    {
        List<int> units = [7, 8];
        var options = new MultilayerPerceptron { HiddenUnits = units };
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

    private static MultilayerPerceptron Units(params int[] units) => new() { HiddenUnits = units };
}
