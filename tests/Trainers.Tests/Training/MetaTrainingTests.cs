using Xunit;

namespace MLNetMeta.Trainers.Tests.Training;

/// <summary>The loop over contributions that are known in advance: what it does with them can be reckoned by hand.</summary>
public sealed class MetaTrainingTests
{
    private const double Rate = 0.1;

    // θ is of single precision.
    private const double Rounding = 1e-6;

    [Fact]
    public void Run_WithAveraging_ValidatesAndKeepsTheAverage()
    {
        var contributor = new KnownContributor();
        var state = Run(contributor, steps: 12, averagingDecay: 0.9);

        // Every mean gradient is 1: θ falls by the rate in every step, and the average follows it.
        List<double> expected = [0];
        var (theta, average) = (0.0, 0.0);
        for (var step = 1; step <= 12; step++)
        {
            theta -= Rate;
            var decay = Math.Min(0.9, step / (step + 10.0));
            average = (decay * average) + ((1 - decay) * theta);
            if (step % 4 == 0)
            {
                expected.Add(average);
            }
        }

        Assert.Equal(expected, contributor.Validated, (one, other) => Math.Abs(one - other) < Rounding);
        Assert.Equal(average, state.Best[0], Rounding);
        Assert.Equal(theta, state.Theta[0], Rounding);
    }

    [Fact]
    public void Run_WithoutAveraging_ValidatesTheta()
    {
        var contributor = new KnownContributor();
        var state = Run(contributor, steps: 4, averagingDecay: 0);

        Assert.Equal([0, -4 * Rate], contributor.Validated, (one, other) => Math.Abs(one - other) < Rounding);
        Assert.Null(state.Average);
    }

    [Fact]
    public void Run_AnyTraining_AsksForTheTasksOfEachStepAndReportsMeans()
    {
        var contributor = new KnownContributor();
        var state = Run(contributor, steps: 8, averagingDecay: 0);

        Assert.Equal(Enumerable.Range(0, 8).Select(step => TaskRange.Training(step, 3)), contributor.Asked);
        Assert.Equal([0, 4, 8], state.History.Select(report => report.Step));
        Assert.All(state.History.Skip(1), report => Assert.Equal(2.0, report.TrainingLoss!.Value, 1e-12)); // 6 over three tasks
        Assert.All(state.History, report => Assert.Equal(0.5 * (10 - (report.Step * Rate)), report.ValidationLoss, Rounding));
    }

    [Fact]
    public void Run_ByError_KeepsTheFewestErrorsAndOfThoseTheLowestLoss()
    {
        // The loss falls all the time; the errors are fewest from −0.4 to −0.8 and more beyond.
        float[] Errors(float theta) => theta is > -0.1f or < -0.9f ? [0.5f, 0.5f, 0.5f, 1, 0] : [0.25f, 0.25f, 0.125f, 0.25f, 0.125f];
        MetaTrainingState By(ValidationMetric metric) => Run(
            new KnownContributor { Errors = Errors }, steps: 16, averagingDecay: 0, selectBy: metric);

        Assert.Equal(-1.6, By(ValidationMetric.Loss).Best[0], Rounding);
        Assert.Equal(-0.8, By(ValidationMetric.Error).Best[0], Rounding);
    }

    [Fact]
    public void Run_WithClasses_ReportsAccuracyAndTheGainOfTheBestOverTheStart()
    {
        float[] Errors(float theta) => theta is 0 ? [0.5f, 0.5f, 1, 0.5f, 0.5f] : [0.25f, 0.5f, 0.5f, 0.25f, 0];
        var state = Run(new KnownContributor { Errors = Errors }, steps: 4, averagingDecay: 0);

        Assert.Equal([0.4, 0.7], state.History.Select(report => report.ValidationAccuracy!.Value), (a, b) => Math.Abs(a - b) < 1e-7);
        var (start, end) = (state.History[0], state.History[1]);
        Assert.Equal((0.0, 0.0, null, null), (start.Gain, start.GainInterval95, start.TrainingLoss, start.GradientNorm));
        Assert.Equal(0.3, end.Gain!.Value, 1e-7);
        // The five gains are 0.25, 0, 0.5, 0.25 and 0.5.
        Assert.Equal(1.96 * Math.Sqrt(0.175 / 4) / Math.Sqrt(5), end.GainInterval95!.Value, 1e-7);
    }

    [Fact]
    public void Run_WithoutGainForLong_HalvesTheRateFromTheBestThreeTimesAndEnds()
    {
        // The loss falls until θ is −2, and rises beyond.
        var contributor = new KnownContributor { Best = -2 };
        var state = Run(contributor, steps: 1000, averagingDecay: 0, patience: 2);

        // 20 steps at rate 0.1 to the best; then two validations without a better one at each of four rates, the last of which end it.
        Assert.Equal(20 + (4 * 2 * 4), state.Step);
        Assert.Equal(-2, state.Best[0], 1e-5);
        Assert.Equal((3, 2), (state.Plateaus, state.ValidationsWithoutGain));
        var rates = state.History.Skip(6).Select(report => report.LearningRate);
        Assert.Equal([Rate, Rate, Rate / 2, Rate / 2, Rate / 4, Rate / 4, Rate / 8, Rate / 8], rates);
        // Each time from the best on: four steps at the rate of the time.
        Assert.Equal([2.4, 2.8, 2.2, 2.4, 2.1, 2.2, 2.05, 2.1], contributor.Validated.Skip(6).Select(theta => -theta), (a, b) =>
            Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Run_WithGainNowAndThen_GoesOn()
    {
        var state = Run(new KnownContributor(), steps: 40, averagingDecay: 0, patience: 1);
        Assert.Equal((40, 0), (state.Step, state.Plateaus));
    }

    [Fact]
    public void Run_ThatDivergesOnce_GoesOnFromTheBestAtHalfTheRate()
    {
        // Validated best after four steps at −0.4; two more steps, then a divergence, then one step at half the rate.
        var contributor = new KnownContributor { Disturbed = DivergesAt(6) };
        var (state, log) = Run(contributor, Options(steps: 8));

        Assert.Equal([0, -4 * Rate, -4.5 * Rate], contributor.Validated, (one, other) => Math.Abs(one - other) < Rounding);
        Assert.Equal((8, 1, Rate / 2), (state.Step, state.Divergences, log.Reports[^1].LearningRate));
        Assert.Null(state.Average);
        // Three of the four steps gave a loss.
        Assert.Equal(2.0, log.Reports[^1].TrainingLoss!.Value, 1e-12);
        Assert.Equal(
            ["Meta-training diverged at meta-step 7: too steep. Training continues from the best parameters so far, at half the "
                + "meta-learning rate."],
            log.Warnings);
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(1, float.NaN)]
    [InlineData(1, float.NegativeInfinity)]
    public void Run_OfAContributionThatIsNotFinite_TakesItForADivergence(double loss, float last)
    {
        var disturbing = new KnownContributor
        {
            Disturbed = (step, known) =>
                step == 6 ? known with { EvaluationLoss = loss, Gradient = [.. known.Gradient[1..], last] } : known,
        };
        var (state, log) = Run(disturbing, Options(steps: 8));
        Assert.Equal(1, state.Divergences);
        Assert.StartsWith(
            "Meta-training diverged at meta-step 7: The meta-gradient is not finite. Lower the meta-learning rate", log.Warnings.Single(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OfALastStepThatDiverged_ReportsItsRateAndNoNorms()
    {
        var (_, log) = Run(new KnownContributor { Disturbed = DivergesAt(7) }, Options(steps: 8));
        var (before, after) = (log.Reports[1], log.Reports[2]);
        Assert.Equal(
            (2.0, KnownContributor.FreeResidual, KnownContributor.NudgedResidual, Rate),
            (before.TrainingLoss, before.FreeResidual, before.NudgedResidual, before.LearningRate));
        Assert.Equal(Math.Sqrt(10), before.GradientNorm!.Value, Rounding);
        Assert.Equal(
            (2.0, null, null, null, Rate),
            (after.TrainingLoss, after.GradientNorm, after.FreeResidual, after.NudgedResidual, after.LearningRate));
    }

    [Fact]
    public void Run_ThatDivergesAgainAndAgain_EndsAtTheSixthTime()
    {
        var log = new RecordingLog();
        var failure = Assert.Throws<InvalidOperationException>(() => Run(
            new KnownContributor { Disturbed = DivergesAt(6, 7, 8, 9, 10, 11) }, Options(steps: 100), log: log));
        Assert.Equal("Meta-training diverged at meta-step 12: too steep.", failure.Message);
        Assert.IsType<DivergenceException>(failure.InnerException);
        Assert.Equal(MetaTrainingState.MostDivergences, log.Warnings.Count);
        // The report at 8 follows two divergences; a third halved the rate again before the one at 12.
        Assert.Equal([0, Rate, Rate / 2], log.Reports.Select(report => report.LearningRate));
    }

    [Fact]
    public void Run_ThatDivergesBeforeAnythingIsKnownToBeGood_EndsAtOnce()
    {
        var log = new RecordingLog();
        var failure = Assert.Throws<InvalidOperationException>(() => Run(
            new KnownContributor { ValidationDiverges = _ => true, Disturbed = (_, _) => throw new DivergenceException("too steep.") },
            Options(steps: 8), log: log));
        Assert.Equal("Meta-training diverged at meta-step 1: too steep.", failure.Message);
        Assert.Equal(["Validation diverged: too steep."], log.Warnings);
    }

    [Fact]
    public void Run_WhoseFirstValidationDiverges_ReportsNoLossAndNoGainAndGoesOn()
    {
        var (state, log) = Run(new KnownContributor { ValidationDiverges = number => number == 0 }, Options(steps: 4));
        var first = log.Reports[0];
        Assert.Equal(
            (double.NaN, null, null, null, double.PositiveInfinity),
            (first.ValidationLoss, first.ValidationAccuracy, first.Gain, first.GainInterval95, first.BestValidationLoss));
        Assert.Equal((null, null), (log.Reports[1].Gain, log.Reports[1].GainInterval95));
        Assert.Equal(-4 * Rate, state.Best[0], Rounding);
        Assert.Empty(log.Messages);
    }

    [Fact]
    public void Run_AfterADivergence_StartsOptimizerAndAverageAnew()
    {
        // With momentum, the step after others is longer than the first; the average of one step is θ but for the share of the start.
        var momentum = Optimizer.Sgd(Rate, momentum: 0.9);
        var (state, _) = Run(
            new KnownContributor { Disturbed = DivergesAt(6) }, Options(steps: 8) with { Optimizer = momentum, AveragingDecay = 0.99 });

        var (four, _) = Run(new KnownContributor(), Options(steps: 4) with { Optimizer = momentum, AveragingDecay = 0.99 });
        var start = four.Best[0];
        Assert.Equal(start - (Rate / 2), state.Theta[0], Rounding);
        var decay = 8 / 18.0;
        Assert.Equal((decay * start) + ((1 - decay) * (start - (Rate / 2))), state.Average![0], Rounding);
    }

    [Fact]
    public void Run_ThatEndsEarly_SaysSoAndWhatItGained()
    {
        float[] Errors(float theta) => theta is 0 ? [0.5f, 0.5f, 1, 0.5f, 0.5f] : [0.25f, 0.5f, 0.5f, 0.25f, 0];
        var (state, log) = Run(new KnownContributor { Best = -0.4, Errors = Errors }, Options(steps: 1000) with { Patience = 1 });
        Assert.Equal(
            [$"Meta-training ended at meta-step {state.Step} of at most 1000: validation had stopped improving.",
                TrainerThrow.Gained(hasClasses: true, state.Gain()!.Mean, state.Gain()!.Interval95, tasks: 5)],
            log.Messages);
        Assert.StartsWith("Meta-training gained 0.3 ± ", log.Messages[1], StringComparison.Ordinal);
        Assert.Empty(log.Warnings);
    }

    [Fact]
    public void Run_OfTargets_ReportsNoAccuracy()
    {
        var (_, log) = Run(new KnownContributor(), Options(steps: 4), hasClasses: false);
        Assert.All(log.Reports, report => Assert.Null(report.ValidationAccuracy));
        Assert.Contains("of squared error (standardised targets)", log.Messages.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ThatOnlyGetsWorse_WarnsAndKeepsTheStart()
    {
        var (state, log) = Run(new KnownContributor { Best = 0 }, Options(steps: 8));
        Assert.Equal(0, state.Best[0]);
        Assert.Equal([TrainerThrow.NoGain(5, 5.2, 8)], log.Warnings);
    }

    [Fact]
    public void Run_WithoutSteps_ValidatesTheStartAndSaysNothing()
    {
        var (state, log) = Run(new KnownContributor(), Options(steps: 0));
        Assert.Equal([0], log.Reports.Select(report => report.Step));
        Assert.Equal(0, state.Best[0]);
        Assert.Empty(log.Messages);
        Assert.Empty(log.Warnings);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Run_UntilAPause_ValidatesThereAndSaysNothingAndGoesOnToTheSameEnd(int pause)
    {
        var whole = new KnownContributor();
        var (uninterrupted, _) = Run(whole, Options(steps: 12));
        var contributor = new KnownContributor();
        var (state, log) = Run(contributor, Options(steps: 12), until: pause);
        Assert.Equal((pause, pause), (state.Step, log.Reports[^1].Step));
        Assert.Empty(log.Messages);

        Run(contributor, Options(steps: 12), state);
        Assert.Equal(uninterrupted.Theta, state.Theta);
        Assert.Equal(uninterrupted.Best, state.Best);
        Assert.Equal(whole.Asked, contributor.Asked);
        Assert.Equal(whole.Validated.Count + (pause % 4 == 0 ? 0 : 1), contributor.Validated.Count);
    }

    [Fact]
    public void Run_Cancelled_ThrowsAtTheLastWholeStepAndCanGoOn()
    {
        using var cancellation = new CancellationTokenSource();
        var contributor = new KnownContributor
        {
            Disturbed = (step, known) =>
            {
                if (step == 2 && !cancellation.IsCancellationRequested)
                {
                    cancellation.Cancel();
                    cancellation.Token.ThrowIfCancellationRequested();
                }

                return known;
            },
        };
        var (options, log) = (Options(steps: 4), new RecordingLog());
        var state = State(options);
        var training = new MetaTraining(contributor, options, log, new CheckpointSchedule(null, TimeSpan.MaxValue, log), hasClasses: true);
        Assert.ThrowsAny<OperationCanceledException>(() => training.Run(state, cancellation.Token));
        Assert.Equal((2, 0), (state.Step, log.Messages.Count));

        var (end, _) = Run(contributor, options, state);
        Assert.Equal(-4 * Rate, end.Theta[0], Rounding);
    }

    [Fact]
    public void Gain_OfASingleTask_HasNoInterval() => Assert.Equal(new Gain(0.5, null, 1), Gain.Between([0.75f], [0.25f]));

    [Fact]
    public void Run_ThatGoesOn_AddsToTheTimeSpent()
    {
        var state = State(Options(steps: 4));
        state.Elapsed = TimeSpan.FromHours(1);
        var (_, log) = Run(new KnownContributor(), Options(steps: 4), state);
        Assert.InRange(state.Elapsed, TimeSpan.FromHours(1), TimeSpan.FromHours(2));
        Assert.All(log.Reports, report => Assert.InRange(report.Elapsed, TimeSpan.FromHours(1), TimeSpan.FromHours(2)));
    }

    [Theory]
    [InlineData(LearningRateSchedule.Linear, 0.25)]
    [InlineData(LearningRateSchedule.Constant, 1)]
    public void Run_WithASchedule_ReportsTheRateOfTheLastStep(LearningRateSchedule schedule, double last)
    {
        var (_, log) = Run(new KnownContributor(), Options(steps: 4) with { Schedule = schedule });
        Assert.Equal(last * Rate, log.Reports[^1].LearningRate, 1e-12);
    }

    private static Func<int, Contribution, Contribution> DivergesAt(params int[] steps) =>
        (step, known) => steps.Contains(step) ? throw new DivergenceException("too steep.") : known;

    private static TrainingOptions Options(int steps) => new()
    {
        Optimizer = Optimizer.Sgd(Rate),
        Schedule = LearningRateSchedule.Constant,
        Steps = steps,
        AveragingDecay = 0,
        ValidationInterval = 4,
        TasksPerStep = 3,
        ValidationTasks = 5,
        Patience = null,
    };

    private static MetaTrainingState State(TrainingOptions options)
    {
        var theta = new float[10];
        return new MetaTrainingState(theta, new MetaOptimizer(options.Optimizer, null, theta.Length), options.AveragingDecay > 0);
    }

    /// <summary>A training that gives no warnings.</summary>
    private static MetaTrainingState Run(
        KnownContributor contributor, int steps, double averagingDecay, int? patience = null,
        ValidationMetric selectBy = ValidationMetric.Loss)
    {
        var options = Options(steps) with { AveragingDecay = averagingDecay, Patience = patience, SelectBy = selectBy };
        var (state, log) = Run(contributor, options);
        Assert.Empty(log.Warnings);
        return state;
    }

    private static (MetaTrainingState State, RecordingLog Log) Run(
        KnownContributor contributor, TrainingOptions options, MetaTrainingState? from = null, int? until = null, bool hasClasses = true,
        RecordingLog? log = null)
    {
        var (state, says) = (from ?? State(options), log ?? new RecordingLog());
        var checkpoints = new CheckpointSchedule(null, TimeSpan.MaxValue, says);
        new MetaTraining(contributor, options, says, checkpoints, hasClasses, until).Run(state, CancellationToken.None);
        return (state, says);
    }
}
