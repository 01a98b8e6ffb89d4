using MLNetMeta.Samples;
using MLNetMeta.Trainers.Testing;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Contracts;

[Collection(TensorCounting.Name)]
public sealed class LearnerContractTests
{
    public static TheoryData<string, string> LearnersAndLosses
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (learner, loss) in LearnerCase.SmoothLearnersAndLosses)
            {
                data.Add(learner, loss);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(LearnersAndLosses))]
    public void Verify_EveryLearnerOfTheLibrary_Holds(string learner, string loss) =>
        LearnerContract.Verify(LearnerCase.Create(learner, loss, Activation.Tanh, 4));

    public static TheoryData<string> DescendingLearners => [.. SmallCase.Learners.Keys];

    [Theory]
    [MemberData(nameof(DescendingLearners))]
    public void Verify_EveryConfiguration_Holds(string learner) =>
        LearnerContract.Verify(SmallCase.Create(learner, TaskLoss.SquaredError, 2));

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
    public void Verify_OptimizerOfOnesOwn_Holds() => LearnerContract.Verify(Optimizer.Custom(new DampedRule(0.5), 0.05));

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
        Assert.Contains("FastGradient: BROKEN", failure.Message, StringComparison.Ordinal);
        Assert.Contains("'inner.weight'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("by differences", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OptionsOutsideTheirRange_AreRefused()
    {
        var learner = SmallCase.Create("synapse, fixed λ", TaskLoss.SquaredError, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => LearnerContract.Check(learner, new() { Tasks = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearnerContract.Check(learner, new() { Strength = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearnerContract.Check(learner, new() { Steps = 0 }));
        Assert.Throws<ArgumentNullException>(() => LearnerContract.Check(null!));
    }
}
