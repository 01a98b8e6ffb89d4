using Microsoft.ML;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

/// <summary>What a rule cannot serve is refused when the trainer is created, with what to use instead.</summary>
public sealed class RuleRefusalTests
{
    private static readonly MLContext _ml = new(1);

    private static readonly ComplexSynapseTrainer.Options _synapse = new() { Tasks = new TaskColumn("Task") };

    private static readonly DualSystemTrainer.Options _dual = new() { Tasks = new TaskColumn("Task") };

    public static TheoryData<string> EquilibriumRules =>
        new(ByName.Keys.Where(name => name is not ("unrolled" or "first-order MAML" or "Reptile")));

    private static Dictionary<string, MetaGradientRule> ByName => new MetaGradientRule[]
    {
        MetaGradientRule.Contrastive(), MetaGradientRule.ConjugateGradient(), MetaGradientRule.NeumannSeries(), MetaGradientRule.T1T2(),
        MetaGradientRule.Unrolled(), MetaGradientRule.Unrolled(5), MetaGradientRule.FirstOrder(), MetaGradientRule.Reptile(),
    }.ToDictionary(rule => rule.Name);

    [Theory]
    [MemberData(nameof(EquilibriumRules))]
    public void Trainer_NoPullAndARuleOfTheEquilibrium_NamesTheAlternatives(string rule)
    {
        Refuses(
            () => _ml.MetaLearning().Regression.ComplexSynapse(
                _synapse with { Rule = ByName[rule], ConsolidationStrength = 0, LearnConsolidation = false }),
            rule, "ConsolidationStrength", "Unrolled, FirstOrder or Reptile");
        Refuses(
            () => _ml.MetaLearning().Regression.DualSystem(
                _dual with { Rule = ByName[rule], ModulationPull = 0, LearnModulationPull = false }),
            rule, "ModulationPull", "Unrolled");
    }

    [Fact]
    public void Trainer_LearnedRatesAndARuleThatSeesNoSteps_NamesUnrolled()
    {
        foreach (var rule in ByName.Values.Where(r => !r.SeesSteps))
        {
            Refuses(
                () => _ml.MetaLearning().Regression.ComplexSynapse(_synapse with { Rule = rule, LearnInnerRates = true }), rule.Name,
                "LearnInnerRates", "use Unrolled");
            Refuses(() => _ml.MetaLearning().Regression.DualSystem(_dual with { Rule = rule, LearnInnerRates = true }), rule.Name);
        }

        _ml.MetaLearning().Regression.ComplexSynapse(_synapse with { Rule = MetaGradientRule.Unrolled(), LearnInnerRates = true });
        _ml.MetaLearning().Regression.DualSystem(_dual with { Rule = MetaGradientRule.Unrolled(3), LearnInnerRates = true });
    }

    [Fact]
    public void Trainer_LearnedStrengthsAndARuleWithoutTheirGradient_NamesTheAlternatives()
    {
        foreach (var rule in new[] { MetaGradientRule.FirstOrder(), MetaGradientRule.Reptile() })
        {
            Refuses(
                () => _ml.MetaLearning().Regression.ComplexSynapse(_synapse with { Rule = rule }), rule.Name,
                "LearnConsolidation to false", "ConsolidationStrength", "ConjugateGradient or Unrolled");
            _ml.MetaLearning().Regression.ComplexSynapse(_synapse with { Rule = rule, LearnConsolidation = false });
        }

        Refuses(
            () => _ml.MetaLearning().Regression.DualSystem(_dual with { Rule = MetaGradientRule.FirstOrder() }), "first-order MAML",
            "LearnModulationPull to false", "ModulationPull");
        _ml.MetaLearning().Regression.DualSystem(_dual with { Rule = MetaGradientRule.FirstOrder(), LearnModulationPull = false });
    }

    [Fact]
    public void Trainer_ReptileWithSlowWeightsItCannotMove_NamesFirstOrder()
    {
        Refuses(
            () => _ml.MetaLearning().Regression.DualSystem(_dual with { Rule = MetaGradientRule.Reptile() }), "Reptile", "dual system",
            "FirstOrder");
        Refuses(
            () => _ml.MetaLearning().Regression.ComplexSynapse(
                _synapse with { Rule = MetaGradientRule.Reptile(), FastParameters = FastParameters.Head }),
            "Reptile", "FastParameters Head", "FirstOrder");
    }

    [Fact]
    public void Trainer_BodyOfEpisodes_NamesTheAlternatives() => Refuses(
        () => _ml.MetaLearning().Classification.ComplexSynapse(new ComplexSynapseTrainer.Options { FastParameters = FastParameters.Body }),
        "TaskColumn", "FastParameters.All or Head");

    [Fact]
    public void Rule_NumbersOutsideTheirRange_AreRefused()
    {
        Says("steps must be at least 1", () => MetaGradientRule.ConjugateGradient(0));
        Says("steps must be at least 1", () => MetaGradientRule.NeumannSeries(0));
        Says("stepSize must be a finite number above 0", () => MetaGradientRule.NeumannSeries(5, 0));
        Says("stepSize must be a finite number above 0", () => MetaGradientRule.NeumannSeries(5, double.NaN));
        Says("stepSize must be a finite number above 0", () => MetaGradientRule.NeumannSeries(5, double.PositiveInfinity));
        Says("lastSteps must be at least 1", () => MetaGradientRule.Unrolled(0));
        Says("nudgedSteps must be at least 1", () => MetaGradientRule.Contrastive(nudgedSteps: 0));
        Says(
            "stencil must be one of Forward, Symmetric, SecondOrder",
            () => MetaGradientRule.Contrastive(stencil: (NudgingStencil)9));

        static void Says(string what, Func<MetaGradientRule> create) => Assert.Contains(
            what, Assert.Throws<ArgumentOutOfRangeException>(create).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(1e-9)]
    [InlineData(1e6)]
    [InlineData(double.NaN)]
    public void Rule_ExtremeNudgingStrength_SaysWhatIsAllowed(double beta)
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(() => MetaGradientRule.Contrastive(beta));
        Assert.Contains("strength must be from 1e-6 to 1000, or null for an advised strength", refusal.Message, StringComparison.Ordinal);
    }

    private static void Refuses(Action create, params string[] said)
    {
        var refusal = Assert.Throws<ArgumentException>(create);
        Assert.All(said, part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
    }
}
