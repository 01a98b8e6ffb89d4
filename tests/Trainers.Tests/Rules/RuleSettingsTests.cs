using Xunit;

namespace MLNetMeta.Trainers.Tests.Rules;

/// <summary>What a rule is called, what it can do, and what its settings become.</summary>
public sealed class RuleSettingsTests
{
    private static readonly Phase _free = new(Optimizer.Sgd(0.1), 7);

    private const string Steps = "steps", Start = "start", Strength = "strength", Shared = "shared", Hessian = "Hessian";

    public static TheoryData<MetaGradientRule, string, string, string> Rules => new()
    {
        {
            MetaGradientRule.Contrastive(0.5, NudgingStencil.Forward, nudgedSteps: 3), "contrastive",
            $"contrastive 0.5, Forward, nudged {Optimizer.Sgd(0.1).Describe()} x 3", $"{Strength}, {Shared}"
        },
        {
            MetaGradientRule.Contrastive(0.5, nudgedSteps: 3, nudgedOptimizer: Optimizer.Adam(0.2)), "contrastive",
            $"contrastive 0.5, Symmetric, nudged {Optimizer.Adam(0.2).Describe()} x 3", $"{Strength}, {Shared}"
        },
        {
            MetaGradientRule.ConjugateGradient(4), "implicit, conjugate gradient", "implicit, conjugate gradient 4",
            $"{Strength}, {Shared}, {Hessian}"
        },
        {
            MetaGradientRule.NeumannSeries(1, 0.25), "implicit, Neumann series", "implicit, Neumann series 1 0.25",
            $"{Strength}, {Shared}, {Hessian}"
        },
        { MetaGradientRule.T1T2(), "T1-T2", "T1-T2", $"{Strength}, {Shared}, {Hessian}" },
        { MetaGradientRule.Unrolled(), "unrolled", "unrolled", $"{Steps}, {Start}, {Strength}, {Shared}" },
        { MetaGradientRule.Unrolled(1), "truncated unrolling", "truncated unrolling 1", $"{Steps}, {Strength}, {Shared}" },
        { MetaGradientRule.FirstOrder(), "first-order MAML", "first-order MAML", $"{Start}, {Shared}" },
        { MetaGradientRule.Reptile(), "Reptile", "Reptile", Start },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_OfAnyKind_HasTheNameSettingsAndAbilitiesOfItsMethod(
        MetaGradientRule rule, string name, string description, string abilities)
    {
        Assert.Equal((name, name), (rule.Name, rule.Create(_free).Name));
        Assert.Equal(description, rule.Describe(_free));
        (string Name, bool Has)[] all =
        [
            (Steps, rule.SeesSteps), (Start, rule.SeesStart), (Strength, rule.SeesStrength), (Shared, rule.SeesSharedParameters),
            (Hessian, rule.NeedsHessian),
        ];
        Assert.Equal(abilities, string.Join(", ", all.Where(ability => ability.Has).Select(ability => ability.Name)));
    }

    [Fact]
    public void NudgedPhase_WithoutAnOptimizerOfItsOwn_HasThatOfTheFreePhase()
    {
        var common = (ContrastiveSettings)MetaGradientRule.Contrastive(0.5, nudgedSteps: 3);
        var own = (ContrastiveSettings)MetaGradientRule.Contrastive(0.5, nudgedSteps: 3, nudgedOptimizer: Optimizer.Adam(0.2));
        Assert.Equal(new Phase(Optimizer.Sgd(0.1), 3), common.NudgedPhase(_free));
        Assert.Equal(new Phase(Optimizer.Adam(0.2), 3), own.NudgedPhase(_free));
    }

    [Fact]
    public void Create_WithoutAStrength_SaysThatNoneHasBeenAdvised()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => MetaGradientRule.Contrastive().Create(_free));
        Assert.Equal("No nudging strength has been advised.", refusal.Message);
    }

    [Fact]
    public void Stencil_OfEveryKind_IsItsOwn() =>
        Assert.All(Enum.GetValues<NudgingStencil>(), kind => Assert.Equal(kind, Stencil.Of(kind).Kind));
}
