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
        Assert.All(state.History.Skip(1), report => Assert.Equal(2.0, report.TrainingLoss, 1e-12)); // 6 over three tasks
        Assert.All(state.History, report => Assert.Equal(0.5 * (10 - (report.Step * Rate)), report.ValidationLoss, Rounding));
    }

    private static MetaTrainingState Run(Known contributor, int steps, double averagingDecay)
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
        };
        var checkpoints = new CheckpointSchedule(null, TimeSpan.MaxValue, FailingLog.Instance);
        new MetaTraining(contributor, options, FailingLog.Instance, checkpoints).Run(state, CancellationToken.None);
        return state;
    }

    /// <summary>Every task adds 1 to each element of the gradient and 2 to the loss; the validation loss falls with θ.</summary>
    private sealed class Known : IContributor
    {
        public List<TaskRange> Asked { get; } = [];

        public List<double> Validated { get; } = [];

        public Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
        {
            Asked.Add(tasks);
            return new Contribution(Array.ConvertAll(theta, _ => (float)tasks.Count), tasks.Count, 2 * tasks.Count, 0, 0);
        }

        public double EvaluationLoss(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
        {
            Assert.Equal(TaskRange.Validation(5), tasks);
            Validated.Add(theta[0]);
            return tasks.Count * 0.5 * (10 + theta[0]);
        }

        public void Dispose()
        {
        }
    }
}
