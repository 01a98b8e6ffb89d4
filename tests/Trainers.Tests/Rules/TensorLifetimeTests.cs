using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Trainers.Tests.Training;
using MLNetMeta.Transforms;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Rules;

/// <summary>No tensor outlives what it was made for.</summary>
[Collection(TensorCounting.Name)]
public sealed class TensorLifetimeTests
{
    private static readonly Phase _free = new(Optimizer.Adam(0.02), 5);

    /// <summary>Every learner with every loss, and every stencil with every optimiser: each is a counting of all tensors.</summary>
    public static TheoryData<string, string, NudgingStencil, string> Table
    {
        get
        {
            var data = new TheoryData<string, string, NudgingStencil, string>();
            foreach (var (learner, loss) in Zoo.LearnersAndLosses)
            {
                data.Add(learner, loss, NudgingStencil.Symmetric, "Nesterov");
            }

            foreach (var stencil in Stencil.All)
            {
                foreach (var optimizer in Zoo.Optimizers.Keys)
                {
                    data.Add("DualSystem, learned λ", "squared error of two outputs", stencil.Kind, optimizer);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Estimate_Disposed_LeavesNoTensor(string learnerName, string loss, NudgingStencil stencil, string optimizer)
    {
        var learner = Zoo.Create(learnerName, loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        var rule = MetaGradientContractTests.Rule(stencil, optimizer);
        MetaGradient? whole = null;
        Assert.Equal(theta.Values.Count, TensorCounting.LeftBehindBy(() => whole = rule.Estimate(learner, theta, batch)));
        Assert.Equal(-theta.Values.Count, TensorCounting.LeftBehindBy(() => whole!.Dispose()));
        Assert.Equal(0, TensorCounting.LeftBehindBy(() => Sharded.Contribute(rule, learner, theta, batch, workers: 2)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void EpisodeBatch_Disposed_LeavesNoTensor(int? rowsPerStep) => Assert.Equal(0, TensorCounting.LeftBehindBy(() =>
    {
        using var scope = NewDisposeScope();
        Rows<Tensor> Rows() => new(zeros(2, 5, 3), zeros(2, 5, 1), full([2, 5, 1], 0.2));
        new EpisodeBatch(Rows(), Rows(), rowsPerStep).Dispose();
    }));

    public static TheoryData<string> Learners => TinyTraining.RegressionLearners;

    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_OfAWholeMetaTraining_LeavesNoTensor(string learner) =>
        Assert.Equal(0, TensorCounting.LeftBehindBy(() => TinyTraining.Regression(TinyTraining.OfRegression(learner)).Dispose()));

    [Fact]
    public void Estimate_Failed_LeavesNoTensor()
    {
        const string loss = "squared error of one output";
        var learner = Zoo.Create("DualSystem, learned λ", loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        batch.Support.Features.fill_(double.NaN);
        var rule = MetaGradientContractTests.Rule(NudgingStencil.Symmetric, "Adam");
        Assert.Equal(0, TensorCounting.LeftBehindBy(() =>
            Assert.Throws<DivergenceException>(() => Sharded.Contribute(rule, learner, theta, batch, workers: 2))));
    }

    [Theory]
    [MemberData(nameof(CancellationTests.Rules), MemberType = typeof(CancellationTests))]
    public void Estimate_Cancelled_LeavesNoTensor(MetaGradientRule metaRule)
    {
        const string loss = "squared error of one output";
        using var learner = new CancellingLearner(Zoo.Create("DualSystem, learned λ", loss), atLoss: 3);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        var rule = CancellationTests.CreateRule(metaRule);
        Assert.Equal(0, TensorCounting.LeftBehindBy(() => Assert.Throws<OperationCanceledException>(
            () => Sharded.Contribute(rule, learner, theta, batch, workers: 1, cancellation: learner.Cancellation))));
    }

    [Theory]
    [InlineData("Running a pilot")]
    [InlineData("Validating on")]
    [InlineData("Meta-step 2 of")]
    public void Fit_Cancelled_LeavesNoTensor(string atMessage)
    {
        var ml = new MLContext(1);
        using var cancellation = new CancellationTokenSource();
        ml.Log += (_, e) =>
        {
            if (e.Message.Contains(atMessage, StringComparison.Ordinal))
            {
                cancellation.Cancel();
            }
        };
        var trainer = TinyTraining.Trainer(
            ml, MetaTask.Regression, TinyTraining.OfRegression() with { CancellationToken = cancellation.Token });
        var rows = ManyTasks.View(ml, ManyTasks.Sinusoids(10, 12));
        Assert.Equal(0, TensorCounting.LeftBehindBy(() => Assert.Throws<OperationCanceledException>(() => trainer.Fit(rows))));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(200)]
    public void Settle_OfAnyNumberOfSteps_LeavesPhiAlone(int steps)
    {
        const string loss = "squared error of one output";
        var learner = Zoo.Create("DualSystem, learned λ", loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch);
        var start = problem.InitialFast();
        Assert.Equal(
            start.Count, TensorCounting.LeftBehindBy(() => Settle.Run(problem, start, 0.1, new Phase(Optimizer.Adam(0.01), steps))));
    }

    public static TheoryData<string> Rules => new(All.Select(rule => rule.Name).Distinct());

    private static IMetaGradientRule[] All =>
    [
        new ContrastiveRule(Stencil.Symmetric, 0.1, _free, _free),
        new ImplicitRule(new ConjugateGradientSolver(4), _free),
        new ImplicitRule(new NeumannSolver(4, 0.1), _free),
        new ImplicitRule(new IdentitySolver(), _free),
        new UnrolledRule(null, _free),
        new UnrolledRule(2, _free),
        new FirstOrderRule(_free),
        new ReptileRule(_free),
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Estimate_OfEveryRule_LeavesOnlyItsAnswerAlive(string name)
    {
        var rule = All.Single(r => r.Name == name);
        foreach (var learnerName in Zoo.Descending)
        {
            var learner = Zoo.Small(learnerName, Zoo.OneOutput);
            using var theta = Zoo.Theta(learner);
            using var batch = Zoo.Tasks(Zoo.OneOutput);
            Assert.Equal(0, TensorCounting.LeftBehindBy(() =>
            {
                using var estimate = rule.Estimate(learner, theta, batch);
                Assert.Equal(theta.Names.ToArray(), estimate.Gradient.Names.ToArray());
                Assert.All(
                    estimate.Gradient.Values.Values.Zip(theta.Values.Values), pair => Assert.Equal(pair.Second.shape, pair.First.shape));
                Assert.All(estimate.Gradient.Values.Values, t => Assert.False(t.requires_grad));
            }));
        }
    }

    /// <summary>Tensors alive at each step of a phase: an optimiser that remembers nothing, and those that do.</summary>
    [Theory]
    [InlineData("SGD")]
    [InlineData("Nesterov")]
    [InlineData("Adam")]
    public void Settle_AtAnyStep_HoldsAsManyTensors(string optimizer)
    {
        using var learner = new CancellingLearner(Zoo.Create("DualSystem, learned λ", Zoo.OneOutput));
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.OneOutput);
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch);
        var alive = new List<long>();
        learner.AtEachLoss = () => alive.Add(Tensor.TotalCount);
        Settle.Run(problem, problem.InitialFast(), 0, new Phase(Zoo.Optimizers[optimizer], 8));
        Assert.Equal(8, alive.Count);
        // The first step has the start beside it, which is the caller's.
        Assert.Equal(Enumerable.Repeat(alive[1], 7), alive.Skip(1));
    }

    [Fact]
    public void Settle_OfNoSteps_LeavesTheStartWithItsOwner()
    {
        var learner = Zoo.Create("ComplexSynapse, fixed λ", Zoo.OneOutput);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.OneOutput);
        using var outer = NewDisposeScope();
        Equilibrium end;
        using (NewDisposeScope())
        {
            var problem = new InnerProblem(learner, theta.Values, batch);
            var start = problem.InitialFast();
            end = Settle.Run(problem, start, 0, new Phase(Optimizer.Sgd(0.1), 0));
            Assert.Equal(0, end.Residual);
            Assert.Equal(start.Values, end.Phi.Values, ReferenceEqualityComparer.Instance.Equals);
        }

        Assert.All(end.Phi.Values, tensor => Assert.True(tensor.IsInvalid));
    }

    [Fact]
    public void TorchEngine_Disposed_LeavesNoTensorOfItsValidations()
    {
        var learner = Zoo.Create("ComplexSynapse, fixed λ", Zoo.OneOutput);
        using var theta = Zoo.Theta(learner);
        var numbers = theta.ToVector();
        Assert.Equal(0, TensorCounting.LeftBehindBy(() =>
        {
            using var engine = new TorchEngine(learner, new FirstOrderRule(_free), _free, new SeededTasks());
            engine.Validate(numbers, TaskRange.Validation(3));
            engine.Validate(numbers, TaskRange.Validation(3));
            engine.Validate(numbers, TaskRange.Validation(2));
        }));
    }
}
