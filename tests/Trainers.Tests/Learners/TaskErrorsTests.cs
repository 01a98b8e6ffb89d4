using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Learners;

public class TaskErrorsTests
{
    [Fact]
    public void Of_Classes_IsTheShareOfWrongPredictionsWithoutPadding()
    {
        // Two tasks of two classes: three rows, of which one is wrong, and two rows and padding.
        float[] logits = [1, 2, 3, -1, 0, 5, 4, 0, -2, -3, 0, 0];
        float[] right = [0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0];
        float[] weights = [1 / 3f, 1 / 3f, 1 / 3f, 0.5f, 0.5f, 0];

        var errors = TaskErrors.Of(TaskLoss.CrossEntropy, logits, Rows(right, weights, outputs: 2, shares: 1));

        Assert.Equal([1 / 3f, 0.5f], errors);
    }

    [Fact]
    public void Of_Values_IsTheMeanSquaredErrorOverRowsAndOutputs()
    {
        // (1 + 9) / 2 and (4 + 0) / 2 in two rows of the first task; 16 / 2 in the only row of the second.
        float[] targets = [1, -2, 3, 4, -5, 6, 0, 8];
        float[] predictions = [2, 1, 5, 4, -1, 6, 9, 17];
        float[] weights = [0.5f, 0.5f, 1, 0];

        var errors = TaskErrors.Of(TaskLoss.SquaredError, predictions, Rows(targets, weights, outputs: 2, shares: 1));

        Assert.Equal([3.5f, 8f], errors);
    }

    [Fact]
    public void Of_ObservedValues_LeavesMissingTargetsOut()
    {
        float[] targets = [4, 1, -1, 0];
        float[] predictions = [5, 4, 1, 7];
        float[] weights = [1 / 3f, 1 / 3f, 1 / 3f, 0];

        var errors = TaskErrors.Of(
            TaskLoss.ObservedSquaredError, predictions, Rows(targets, weights, outputs: 2, shares: 2, tasks: 1));

        Assert.Equal(14 / 3f, errors.Single(), 1e-6f);
    }

    private static Rows<HostTensor> Rows(float[] targets, float[] weights, int outputs, int shares, int tasks = 2)
    {
        var rows = targets.Length / (tasks * outputs);
        return new(new([], [tasks, rows, 0]), new(targets, [tasks, rows, outputs]), new(weights, [tasks, rows, shares]));
    }
}
