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
        var contributor = new Known();
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
        var contributor = new Known();
        var state = Run(contributor, steps: 4, averagingDecay: 0);

        Assert.Equal([0, -4 * Rate], contributor.Validated, (one, other) => Math.Abs(one - other) < Rounding);
        Assert.Null(state.Average);
    }

    [Fact]
    public void Run_AnyTraining_AsksForTheTasksOfEachStepAndReportsMeans()
    {
        var contributor = new Known();
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
        float[] Errors(float theta) => theta is > -0.1f or < -0.9f ? [0.5f, 0.5f, 0.5f, 0.5f, 0.5f] : [0.25f, 0.5f, 0, 0.25f, 0];
        MetaTrainingState By(ValidationMetric metric) => Run(new Known { Errors = Errors }, steps: 16, averagingDecay: 0, selectBy: metric);

        Assert.Equal(-1.6, By(ValidationMetric.Loss).Best[0], Rounding);
        Assert.Equal(-0.8, By(ValidationMetric.Error).Best[0], Rounding);
    }

    [Fact]
    public void Run_WithClasses_ReportsAccuracyAndTheGainOfTheBestOverTheStart()
    {
        float[] Errors(float theta) => theta is 0 ? [0.5f, 0.5f, 1, 0.5f, 0.5f] : [0.25f, 0.5f, 0.5f, 0.25f, 0];
        var state = Run(new Known { Errors = Errors }, steps: 4, averagingDecay: 0);

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
        var contributor = new Known { Best = -2 };
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
        var state = Run(new Known(), steps: 40, averagingDecay: 0, patience: 1);
        Assert.Equal((40, 0), (state.Step, state.Plateaus));
    }

    private static MetaTrainingState Run(
        Known contributor, int steps, double averagingDecay, int? patience = null, ValidationMetric selectBy = ValidationMetric.Loss)
    {
        var theta = new float[10];
        var state = new MetaTrainingState(theta, new MetaOptimizer(Optimizer.Sgd(Rate), null, theta.Length), averages: averagingDecay > 0);
        var options = new TrainingOptions
        {
            Optimizer = Optimizer.Sgd(Rate),
            Schedule = LearningRateSchedule.Constant,
            Steps = steps,
            AveragingDecay = averagingDecay,
            ValidationInterval = 4,
            TasksPerStep = 3,
            ValidationTasks = 5,
            Patience = patience,
            SelectBy = selectBy,
        };
        var checkpoints = new CheckpointSchedule(null, TimeSpan.MaxValue, FailingLog.Instance);
        new MetaTraining(contributor, options, FailingLog.Instance, checkpoints, hasClasses: true).Run(state, CancellationToken.None);
        return state;
    }

    /// <summary>Every task adds 1 to each element of the gradient and 2 to the loss; the validation loss falls with θ.</summary>
    private sealed class Known : IContributor
    {
        public List<TaskRange> Asked { get; } = [];

        public List<double> Validated { get; } = [];

        /// <summary>Where the validation loss is lowest.</summary>
        public double Best { get; init; } = double.NegativeInfinity;

        /// <summary>Errors of the validation tasks at θ; null for the loss of each.</summary>
        public Func<float, float[]>? Errors { get; init; }

        public Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
        {
            Asked.Add(tasks);
            return new Contribution(Array.ConvertAll(theta, _ => (float)tasks.Count), tasks.Count, 2 * tasks.Count, 0, 0);
        }

        public Validation Validate(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
        {
            Assert.Equal(TaskRange.Validation(5), tasks);
            Validated.Add(theta[0]);
            var loss = 0.5 * (10 + (double.IsFinite(Best) ? Math.Abs(theta[0] - Best) : theta[0]));
            return new Validation(tasks.Count * loss, Errors?.Invoke(theta[0]) ?? [.. Enumerable.Repeat((float)loss, tasks.Count)]);
        }

        public void Dispose()
        {
        }
    }
}
