using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Training;

/// <summary>A request for cancellation is heard at the next step of whatever runs.</summary>
public sealed class CancellationTests
{
    private const string Loss = "squared error of one output";

    private const int InnerSteps = 6;

    private static readonly Phase _phase = new(Optimizer.Sgd(0.05), InnerSteps);

    public static TheoryData<MetaGradientRule> Rules =>
    [
        MetaGradientRule.Contrastive(0.1, nudgedSteps: InnerSteps), MetaGradientRule.ConjugateGradient(2),
        MetaGradientRule.NeumannSeries(2),
        MetaGradientRule.T1T2(), MetaGradientRule.Unrolled(), MetaGradientRule.Unrolled(2), MetaGradientRule.FirstOrder(),
        MetaGradientRule.Reptile(),
    ];

    internal static IMetaGradientRule CreateRule(MetaGradientRule rule) => rule.Create(_phase);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Estimate_CancelledInAPhase_TakesNoFurtherStep(MetaGradientRule rule)
    {
        using var theta = Theta();
        using var batch = Zoo.Tasks(Loss);
        for (var atLoss = 1; atLoss < InnerSteps; atLoss++)
        {
            using var learner = Learner(atLoss);
            Assert.Throws<OperationCanceledException>(() => CreateRule(rule).Estimate(learner, theta, batch, learner.Cancellation));
            Assert.Equal(atLoss, learner.Losses);
        }
    }

    public static TheoryData<MetaGradientRule> Solvers =>
        [MetaGradientRule.ConjugateGradient(int.MaxValue), MetaGradientRule.NeumannSeries(int.MaxValue)];

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Estimate_CancelledInASolver_TakesNoFurtherStep(MetaGradientRule rule)
    {
        using var theta = Theta();
        using var batch = Zoo.Tasks(Loss);
        // One more than the free phase has: the gradient that the solver differentiates.
        using var learner = Learner(InnerSteps + 1);
        Assert.Throws<OperationCanceledException>(() => CreateRule(rule).Estimate(learner, theta, batch, learner.Cancellation));
    }

    [Fact]
    public void Advise_Cancelled_TakesNoFurtherStep()
    {
        using var theta = Theta();
        using var batch = Zoo.Tasks(Loss);
        using var uncancelled = Learner();
        new NudgingAdvisor(uncancelled, Stencil.Symmetric).Advise(theta, batch, _phase, _phase);
        // Not at the last loss, after which nothing is left to be cancelled.
        for (var atLoss = 1; atLoss < uncancelled.Losses / 2; atLoss += 7)
        {
            using var learner = Learner(atLoss);
            Assert.Throws<OperationCanceledException>(
                () => new NudgingAdvisor(learner, Stencil.Symmetric, learner.Cancellation).Advise(theta, batch, _phase, _phase));
            // What follows a phase may be under way: one gradient of each of the phases compared.
            Assert.InRange(learner.Losses, atLoss, atLoss + 3);
        }
    }

    [Fact]
    public void Run_CancelledAnywhere_GoesOnToTheSameEnd()
    {
        using var uncancelled = Learner();
        var whole = State();
        Training(uncancelled).Run(whole, CancellationToken.None);
        Assert.Equal([0, 2, 4], whole.History.Select(report => report.Step));

        for (var atLoss = 1; atLoss < uncancelled.Losses; atLoss += 3)
        {
            using var learner = Learner(atLoss);
            var state = State();
            if (Record.Exception(() => Training(learner).Run(state, learner.Cancellation)) is { } cancelled)
            {
                Assert.IsAssignableFrom<OperationCanceledException>(cancelled);
                using var goesOn = Learner();
                Training(goesOn).Run(state, CancellationToken.None);
            }

            Assert.Equal(whole.Best, state.Best);
            Assert.Equal(whole.History.Select(Timeless), state.History.Select(Timeless));
        }

        static MetaTrainingProgress Timeless(MetaTrainingProgress report) => report with { Elapsed = TimeSpan.Zero };
    }

    [Theory]
    [InlineData("Running a pilot of", "Advised from a pilot")]
    [InlineData("Validating on", "Meta-step 0 of")]
    public void Fit_CancelledBeforeTheFirstMetaStep_SaysWhatWasRunningAndStops(string running, string done)
    {
        var ml = new MLContext(1);
        using var cancellation = new CancellationTokenSource();
        var messages = new List<string>();
        ml.Log += (_, e) =>
        {
            messages.Add(e.Message);
            if (e.Message.Contains(running, StringComparison.Ordinal))
            {
                cancellation.Cancel();
            }
        };
        var trainer = TinyTraining.Trainer(
            ml, MetaTask.Regression, TinyTraining.OfRegression() with { CancellationToken = cancellation.Token });
        Assert.Throws<OperationCanceledException>(() => trainer.Fit(ManyTasks.View(ml, ManyTasks.Sinusoids(10, 12))));
        Assert.Contains(messages, m => m.Contains(running, StringComparison.Ordinal));
        Assert.DoesNotContain(messages, m => m.Contains(done, StringComparison.Ordinal));
    }

    private static CancellingLearner Learner(int atLoss = int.MaxValue) => new(Zoo.Create("ComplexSynapse, fixed λ", Loss), atLoss);

    private static Parameters Theta() => Zoo.Theta(Zoo.Create("ComplexSynapse, fixed λ", Loss));

    private static MetaTrainingState State()
    {
        using var drawn = Theta();
        var theta = drawn.ToVector();
        return new MetaTrainingState(theta, new MetaOptimizer(Optimizer.Adam(0.01), null, theta.Length), averages: true);
    }

    private static MetaTraining Training(ILearner learner) => new(
        new ShardedContributor(
            new TorchEngine(learner, CreateRule(MetaGradientRule.Contrastive(0.1, nudgedSteps: InnerSteps)), _phase, new SeededTasks()),
            tasksPerShard: 2, workers: 1),
        new TrainingOptions
        {
            Optimizer = Optimizer.Adam(0.01), Steps = 4, AveragingDecay = 0.9, ValidationInterval = 2, TasksPerStep = 3,
            ValidationTasks = 3,
        },
        new RecordingLog(),
        new CheckpointSchedule(null, TimeSpan.MaxValue, new RecordingLog()),
        hasClasses: false);
}
