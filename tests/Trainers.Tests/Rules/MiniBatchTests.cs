using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Rules;

/// <summary>Phases whose steps see different rows.</summary>
public sealed class MiniBatchTests
{
    private static readonly ILearner _learner = Zoo.Small(Zoo.Synapse, Zoo.SharedClasses);

    private static readonly Phase _free = new(Optimizer.Sgd(0.1, 0.8, nesterov: true), 7);

    public static TheoryData<string> Rules => new(All.Select(rule => rule.Name));

    private static IMetaGradientRule[] All =>
    [
        new ContrastiveRule(Stencil.Forward, 0.1, _free, _free), new ImplicitRule(new ConjugateGradientSolver(4), _free),
        new ImplicitRule(new NeumannSolver(4, 0.1), _free),
        new ImplicitRule(new IdentitySolver(), _free), new UnrolledRule(null, _free), new UnrolledRule(2, _free),
        new FirstOrderRule(_free), new ReptileRule(_free),
    ];

    [Theory]
    [InlineData(10, 4, new[] { 3, 3, 4 })]
    [InlineData(8, 4, new[] { 4, 4 })]
    [InlineData(3, 1, new[] { 1, 1, 1 })]
    public void At_StepsOfAnEpoch_SeeEveryRowOnceThenStartAgain(int rows, int most, int[] sizes)
    {
        using var batch = Batch(rows, most);
        var seen = Enumerable.Range(0, sizes.Length).Select(step => batch.At(step).Support.Features).ToArray();
        Assert.Equal(sizes, seen.Select(f => (int)f.shape[1]));
        using var together = cat(seen, 1);
        Assert.True(together.equal(batch.Support.Features).all().ToTruth());
        Assert.Same(seen[0], batch.At(sizes.Length).Support.Features);
        Assert.All(Enumerable.Range(0, sizes.Length), step => Assert.Equal(1, batch.At(step).Support.Weights[0].sum().ToNumber(), 1e-12));
        Assert.True(batch.HasMiniBatches);
    }

    [Fact]
    public void At_MiniBatchOfAllRows_IsTheWholeBatch()
    {
        using var batch = Batch(6, 6);
        Assert.False(batch.HasMiniBatches);
        Assert.Same(batch.Support.Features, batch.At(5).Support.Features);
    }

    [Fact]
    public void Slice_OfTasksWithMiniBatches_KeepsThem()
    {
        using var batch = Batch(10, 4, tasks: 3);
        using var slice = batch.Slice(1, 2);
        Assert.True(slice.At(2).Query.Features.equal(batch.At(2).Query.Features.narrow(0, 1, 2)).all().ToTruth());
    }

    [Fact]
    public void Settle_MiniBatches_AreThoseOfEachStep()
    {
        using var scope = NewDisposeScope();
        using var theta = Zoo.Theta(_learner);
        using var batch = Batch(10, 4);
        var problem = new InnerProblem(_learner, theta.Values, batch);
        var phi = problem.InitialFast();
        for (var step = 0; step < 5; step++)
        {
            // A step of plain descent on a batch that has these rows only.
            var (support, query) = batch.At(step);
            using var only = new EpisodeBatch(Copy(support), Copy(query));
            phi = Settle.Run(new InnerProblem(_learner, theta.Values, only), phi, 0.5, new Phase(Optimizer.Sgd(0.1), 1)).Phi;
        }

        var actual = Settle.Run(problem, problem.InitialFast(), 0.5, new Phase(Optimizer.Sgd(0.1), 5)).Phi;
        Assert.All(actual.Values.Zip(phi.Values), pair => Assert.True(pair.First.allclose(pair.Second, 1e-12, 1e-12)));

        static Rows<Tensor> Copy(Rows<Tensor> rows) => new(rows.Features.clone(), rows.Targets.clone(), rows.Weights.clone());
    }

    [Fact]
    public void Watched_WithAPullThatDependsOnTheRowsOfATask_CountsThemAll()
    {
        using var scope = NewDisposeScope();
        var learner = Zoo.Create("ComplexSynapse, learned λ per row", Zoo.SharedClasses);
        using var theta = Zoo.Theta(learner);
        using var batch = Batch(10, 4);
        var problem = new InnerProblem(learner, theta.Values, batch);
        var moved = problem.InitialFast().Select(t => t.Plus(0.5));
        var at = problem.At(1);
        var expected = at.FastGradient(moved, 0);
        Assert.All(
            expected.Zip(at.Watched().FastGradient(moved, 0)),
            pair => Assert.True(pair.First.allclose(pair.Second.detach(), 1e-12, 1e-12)));
    }

    [Fact]
    public void Unrolled_MiniBatches_EqualsFiniteDifferencesOfTheNextMiniBatchesLoss()
    {
        using var theta = Zoo.Theta(_learner);
        using var batch = Batch(10, 4);
        using var unrolled = new UnrolledRule(null, _free).Estimate(_learner, theta, batch);
        using var expected = Differences.Gradient(theta, t =>
        {
            using var scope = NewDisposeScope();
            var problem = new InnerProblem(_learner, t.Values, batch);
            return problem.At(_free.Steps).EvaluationLoss(Settle.Run(problem, problem.InitialFast(), 0, _free).Phi);
        });
        Differences.AssertClose(unrolled.Gradient, expected, 1e-6);
    }

    [Fact]
    public void TruncatedUnrolling_MiniBatches_IsTheEndOfTheSameRun()
    {
        using var theta = Zoo.Theta(_learner);
        using var batch = Batch(10, 4);
        using var all = new UnrolledRule(null, _free).Estimate(_learner, theta, batch);
        using var last = new UnrolledRule(2, _free).Estimate(_learner, theta, batch);
        Assert.Equal(all.EvaluationLoss, last.EvaluationLoss, 1e-12);
    }

    [Theory]
    [InlineData("ComplexSynapse, learned λ per row")]
    [InlineData("DualSystem, learned λ per row")]
    public void SlowGradient_OfAPullPerRow_CountsAllRowsOfTheTask(string name)
    {
        using var scope = NewDisposeScope();
        var learner = Zoo.Small(name, Zoo.SharedClasses);
        using var theta = Zoo.Theta(learner);
        using var batch = Batch(10, 4);
        var problem = new InnerProblem(learner, theta.Values, batch);
        var end = Settle.Run(problem, problem.InitialFast(), 0.3, _free).Phi;
        foreach (var step in (int[])[0, 2])
        {
            using var expected = Differences.Gradient(theta, t =>
            {
                using var inner = NewDisposeScope();
                return new InnerProblem(learner, t.Values, batch).At(step).Loss(end, 0.3).ToNumber();
            });
            using var actual = new Parameters(theta.Values.With(problem.At(step).SlowGradient(new PhaseEnd<Tensor>(end, 0.3, 1))));
            Differences.AssertClose(actual, expected, 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Estimate_EveryRule_IsDeterministicAndNotThatOfTheWholeBatch(string name)
    {
        var rule = All.First(r => r.Name == name);
        using var theta = Zoo.Theta(_learner);
        using var batch = Batch(10, 4);
        using var whole = Batch(10, 10);
        using var first = rule.Estimate(_learner, theta, batch);
        using var second = rule.Estimate(_learner, theta, batch);
        using var other = rule.Estimate(_learner, theta, whole);
        using var same = first.Gradient.AddScaled(second.Gradient, -1);
        using var different = first.Gradient.AddScaled(other.Gradient, -1);
        Assert.Equal(0, same.Norm());
        Assert.True(different.Norm() > 1e-6 * other.Gradient.Norm());
    }

    private static EpisodeBatch Batch(int rows, int most, int tasks = 1)
    {
        using var scope = NewDisposeScope();
        using var all = Zoo.Tasks(Zoo.SharedClasses, tasks, rows, rows);
        return new EpisodeBatch(Copy(all.Support), Copy(all.Query), most);

        static Rows<Tensor> Copy(Rows<Tensor> r) => new(r.Features.clone(), r.Targets.clone(), r.Weights.clone());
    }
}
