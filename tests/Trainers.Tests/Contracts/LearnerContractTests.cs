using MLNetMeta.Samples;
using MLNetMeta.Trainers.Testing;
using MLNetMeta.Trainers.Tests.Rules;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Contracts;

[Collection(TensorCounting.Name)]
public sealed class LearnerContractTests
{
    [Theory]
    [MemberData(nameof(ContrastiveRuleTests.SmoothLearnersAndLosses), MemberType = typeof(ContrastiveRuleTests))]
    public void Verify_EveryLearnerOfTheLibrary_Holds(string learner, string loss) =>
        LearnerContract.Verify(Zoo.Create(learner, loss, Activation.Tanh, 4));

    /// <summary>Learning rules of their own, instead of gradients. Spikes jump: single and double precision may see others.</summary>
    public static IEnumerable<object[]> LearnersOfOwnDynamics =>
        Zoo.LearnersAndLosses.Except(Zoo.SmoothLearnersAndLosses).Select(row => new object[] { row.Learner, row.Loss });

    [Theory]
    [MemberData(nameof(LearnersOfOwnDynamics))]
    public void Check_LearnerOfOwnDynamics_KeepsAllThatIsNotOfPrecision(string learner, string loss)
    {
        var results = LearnerContract.Check(Zoo.Create(learner, loss));

        Assert.DoesNotContain(results, result => result.Law == LearnerLaw.FastGradient);
        LearnerLaw[] broken = [.. results.Where(result => !result.Holds).Select(result => result.Law)];
        Assert.Empty(broken.Except([LearnerLaw.LearnerFile, LearnerLaw.MetaTrainingGraph]));
    }

    [Fact]
    public void Verify_LearnerThatLimitsItsGradients_Holds() => LearnerContract.Verify(new SignedLearner());

    public static TheoryData<string> DescendingLearners => [.. Zoo.Descending];

    [Theory]
    [MemberData(nameof(DescendingLearners))]
    public void Verify_EveryConfiguration_Holds(string learner) =>
        LearnerContract.Verify(Zoo.Small(learner, Zoo.TwoOutputs));

    [Theory]
    [InlineData(TaskLoss.SquaredError, 2)]
    [InlineData(TaskLoss.ObservedSquaredError, 2)]
    [InlineData(TaskLoss.CrossEntropy, 3)]
    [InlineData(TaskLoss.CrossEntropy, null)]
    public void Verify_LearnerOfTheSample_Holds(TaskLoss loss, int? outputs) => LearnerContract.Verify(
        new LowRankAdapters(new Network(new ResidualNetwork(inputs: 3, units: 4, blocks: 1), outputs), loss, rank: 2));

    [Fact]
    public void Verify_NetworkOfTheSample_Holds() => LearnerContract.Verify(new ResidualNetwork(inputs: 3, units: 4));

    [Fact]
    public void Verify_ConvolutionalNetwork_Holds() => LearnerContract.Verify(
        new ConvNet(new ConvolutionalNetwork(new ImageShape(1, 4, 4)) { Filters = [2], Stride = 1, Pooling = 2 }));

    [Fact]
    public void Verify_NetworkWithKinks_Holds() => LearnerContract.Verify(new Mlp(3, [6, 5], Activation.Relu));

    public static TheoryData<IUpdateRule> Rules =>
        [new DampedRule(0.5), new HeavyBallRule(0.5), new PullToStartRule(0.1), new SignDescent()];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Verify_OptimizerOfOnesOwn_Holds(IUpdateRule rule) => LearnerContract.Verify(Optimizer.Custom(rule, 0.05));

    [Fact]
    public void Verify_OptimizerThatIsOfTheLibrary_Holds() => LearnerContract.Verify(Optimizer.Adam(0.02, epsilon: 1e-3));

    [Fact]
    public void Check_SlowParametersThatClash_AreALawThatIsBroken()
    {
        var results = LearnerContract.Check(new FaultyLearner(LearnerLaw.Parameters, TaskLoss.SquaredError) { SlowClash = true });
        Assert.Equal([LearnerLaw.Parameters], results.Where(result => !result.Holds).Select(result => result.Law));
        Assert.Contains("Two parameters of the slow parameters", results[0].Detail, StringComparison.Ordinal);
    }

    public static TheoryData<LearnerLaw> Laws => [.. Enum.GetValues<LearnerLaw>()];

    [Theory]
    [MemberData(nameof(Laws))]
    public void Check_LearnerThatBreaksALaw_SaysWhichAndByHowMuch(LearnerLaw law)
    {
        var learner = new FaultyLearner(law, law == LearnerLaw.LinearReadout ? TaskLoss.CrossEntropy : TaskLoss.SquaredError);

        var broken = LearnerContract.Check(learner).Where(result => !result.Holds).ToArray();

        var result = Assert.Single(broken, result => result.Law == law);
        Assert.NotEmpty(result.Detail);
        var failure = Assert.Throws<LearnerContractException>(() => LearnerContract.Verify(learner));
        Assert.Contains($"The learner 'FaultyLearner' breaks ", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{law}: BROKEN, error ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_FaultOfOneLaw_LeavesTheUnrelatedOnes()
    {
        var results = LearnerContract.Check(new FaultyLearner(LearnerLaw.LocalSlowGradient, TaskLoss.SquaredError));
        Assert.Equal([LearnerLaw.LocalSlowGradient], results.Where(result => !result.Holds).Select(result => result.Law));
        Assert.Contains(results, result => result is { Law: LearnerLaw.FastGradient, Holds: true });
    }

    [Fact]
    public void Verify_ANetworkWhoseGradientIsWrong_NamesTheParameter()
    {
        var failure = Assert.Throws<LearnerContractException>(() => LearnerContract.Verify(new DetachedNetwork()));
        Assert.StartsWith("The network DetachedNetwork in a complex synapse breaks ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("FastGradient: BROKEN", failure.Message, StringComparison.Ordinal);
        Assert.Contains("'inner.weight'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("by differences", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OptionsOutsideTheirRange_AreRefused()
    {
        var learner = Zoo.Small("ComplexSynapse, fixed λ", Zoo.OneOutput);
        Assert.Throws<ArgumentOutOfRangeException>(() => LearnerContract.Check(learner, new() { Tasks = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearnerContract.Check(learner, new() { Strength = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearnerContract.Check(learner, new() { Steps = 0 }));
        Assert.Throws<ArgumentNullException>(() => LearnerContract.Check(null!));
        var episodic = Zoo.Small("ComplexSynapse, fixed λ", Zoo.Episodes);
        var failure = Assert.Throws<ArgumentOutOfRangeException>(() => LearnerContract.Check(episodic, new() { Classes = 8 }));
        Assert.Contains("SupportRows must be at least 8", failure.Message, StringComparison.Ordinal);
    }
}
