using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Rules;

/// <summary>What holds for every learner × loss × stencil × inner optimiser.</summary>
public sealed class MetaGradientContractTests
{
    private const int InnerSteps = 4;

    public static TheoryData<string, string, NudgingStencil, string> Table
    {
        get
        {
            var data = new TheoryData<string, string, NudgingStencil, string>();
            foreach (var (learner, loss) in Zoo.LearnersAndLosses)
            {
                foreach (var stencil in Stencil.All)
                {
                    foreach (var optimizer in Zoo.Optimizers.Keys)
                    {
                        data.Add(learner, loss, stencil.Kind, optimizer);
                    }
                }
            }

            return data;
        }
    }

    internal static ContrastiveRule Rule(NudgingStencil stencil, string optimizer) => new(
        Stencil.Of(stencil), 0.2, new Phase(Zoo.Optimizers[optimizer], InnerSteps),
        new Phase(Zoo.Optimizers[optimizer], InnerSteps - 1));

    [Theory]
    [MemberData(nameof(Table))]
    public void Estimate_OfABatch_IsTheSumOverItsTasks(string learnerName, string loss, NudgingStencil stencil, string optimizer)
    {
        using var scope = NewDisposeScope();
        var learner = Zoo.Create(learnerName, loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        using var together = Rule(stencil, optimizer).Estimate(learner, theta, batch);

        var sum = theta.ZerosLike();
        var evaluationLoss = 0.0;
        for (var t = 0; t < batch.Tasks; t++)
        {
            using var one = batch.Slice(t, 1);
            using var alone = Rule(stencil, optimizer).Estimate(learner, theta, one);
            using var previous = sum;
            sum = previous.Add(alone.Gradient);
            evaluationLoss += alone.EvaluationLoss;
        }

        using (sum)
        {
            Tolerance.AssertClose(together.Gradient, sum, Tolerance.Rounding64 / 0.2);
            Assert.Equal(evaluationLoss, together.EvaluationLoss, 1e-10);
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Estimate_WithPaddingRowsOfWeightZero_IsTheSame(string learnerName, string loss, NudgingStencil stencil, string optimizer)
    {
        using var scope = NewDisposeScope();
        var learner = Zoo.Create(learnerName, loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        using var padded = new EpisodeBatch(Pad(batch.Support, 3), Pad(batch.Query, 2));
        using var expected = Rule(stencil, optimizer).Estimate(learner, theta, batch);
        using var actual = Rule(stencil, optimizer).Estimate(learner, theta, padded);
        Tolerance.AssertClose(actual.Gradient, expected.Gradient, Tolerance.Rounding64 / 0.2);
        Assert.Equal(expected.EvaluationLoss, actual.EvaluationLoss, 1e-10);

        // Features of some size, and targets of 0 as the batcher pads them: what would matter if the weight did not hide it.
        static Rows<Tensor> Pad(Rows<Tensor> rows, int by) => new(
            cat([rows.Features, rows.Features.narrow(1, 0, by).Times(3)], 1),
            cat([rows.Targets, zeros_like(rows.Targets.narrow(1, 0, by))], 1),
            cat([rows.Weights, zeros_like(rows.Weights.narrow(1, 0, by))], 1));
    }

    [Theory]
    [MemberData(nameof(LearnersAndLosses))]
    public void Estimate_Sharded_DoesNotDependOnTheWorkers(string learnerName, string loss)
    {
        using var scope = NewDisposeScope();
        const int tasks = 7;
        var learner = Zoo.Create(learnerName, loss);
        using var theta64 = Zoo.Theta(learner);
        using var theta = theta64.Map(t => t.to(ScalarType.Float32));
        using var batch64 = Zoo.Tasks(loss, tasks);
        using var batch = batch64.To(ScalarType.Float32);
        var rule = Rule(NudgingStencil.SecondOrder, "Adam");

        var one = Sharded.Contribute(rule, learner, theta, batch, workers: 1);
        foreach (var workers in (int[])[2, 3, 16])
        {
            var many = Sharded.Contribute(rule, learner, theta, batch, workers);
            Assert.Equal(one.Gradient, many.Gradient);
            Assert.Equal(one.EvaluationLoss, many.EvaluationLoss);
            Assert.Equal(one.FreeResidual, many.FreeResidual);
            Assert.Equal(one.NudgedResidual, many.NudgedResidual);
        }
    }

    [Theory]
    [MemberData(nameof(LearnersAndLosses))]
    public void Estimate_Sharded_IsTheMeanOverTasks(string learnerName, string loss)
    {
        const int tasks = 5;
        var learner = Zoo.Create(learnerName, loss);
        using var theta64 = Zoo.Theta(learner);
        using var theta = theta64.Map(t => t.to(ScalarType.Float32));
        using var batch64 = Zoo.Tasks(loss, tasks);
        using var batch = batch64.To(ScalarType.Float32);
        var rule = Rule(NudgingStencil.Symmetric, "SGD");
        using var sum = rule.Estimate(learner, theta, batch);
        using var expected = sum.Gradient.Scale(1.0 / tasks);
        var actual = Sharded.Contribute(rule, learner, theta, batch, workers: 2);
        using var mean = Parameters.Of(learner.Slow, actual.MeanGradient());
        // What shards round differently is divided by 2β.
        Tolerance.AssertClose(mean, expected, Tolerance.Rounding32 / 0.2);
        Assert.Equal(sum.EvaluationLoss / tasks, actual.MeanLoss, 1e-5);
        Assert.Equal(tasks, actual.Tasks);
    }

    public static TheoryData<string, string> LearnersAndLosses => ContrastiveRuleTests.LearnersAndLosses;

    [Theory]
    [MemberData(nameof(LearnersAndLosses))]
    public void Estimate_OfADivergingPhase_NamesTheTaskAndTheRemedy(string learnerName, string loss)
    {
        var learner = Zoo.Create(learnerName, loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss, tasks: 5);
        using (no_grad())
        {
            batch.Support.Features[3].fill_(double.NaN);
        }

        var phase = new Phase(Optimizer.Sgd(0.25), 3);
        var rule = new ContrastiveRule(Stencil.Symmetric, 0.1, phase, phase);
        var alone = Assert.Throws<DivergenceException>(() => rule.Estimate(learner, theta, batch));
        Assert.Contains("free phase diverged within 3 steps (task 3 of the meta-batch", alone.Message, StringComparison.Ordinal);
        Assert.Contains("Lower the inner learning rate (it is 0.25)", alone.Message, StringComparison.Ordinal);

        var sharded = Assert.Throws<DivergenceException>(
            () => Sharded.Contribute(rule, learner, theta, batch, workers: 2));
        Assert.Contains("task 3 of the meta-batch", sharded.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Estimate_OfAPhaseThatOverflowsInItsLastGradient_NamesATaskOfTheBatch()
    {
        const string loss = "squared error of one output";
        var learner = Zoo.Create("ComplexSynapse, fixed λ", loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        using (no_grad())
        {
            batch.Support.Targets[1].fill_(1e200);
        }

        var phase = new Phase(Optimizer.Sgd(0.1), 1);
        var failure = Assert.Throws<DivergenceException>(
            () => new ContrastiveRule(Stencil.Forward, 0.1, phase, phase).Estimate(learner, theta, batch));
        Assert.Contains("task 1 of the meta-batch", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Estimate_OfADivergingNudgedPhase_AdvisesOnTheNudgingStrength()
    {
        const string loss = "squared error of one output";
        var learner = Zoo.Create("ComplexSynapse, fixed λ", loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        using (no_grad())
        {
            batch.Query.Features[2].fill_(double.NaN);
        }

        var phase = new Phase(Optimizer.Sgd(0.1), 2);
        var failure = Assert.Throws<DivergenceException>(
            () => new ContrastiveRule(Stencil.Forward, 0.5, phase, phase).Estimate(learner, theta, batch));
        Assert.Contains("nudged phase diverged", failure.Message, StringComparison.Ordinal);
        Assert.Contains("nudging strength 0.5", failure.Message, StringComparison.Ordinal);
        Assert.Contains("or the nudging strength", failure.Message, StringComparison.Ordinal);
    }
}
