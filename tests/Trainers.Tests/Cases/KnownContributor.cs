using Xunit;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>Every task adds 1 to each element of the gradient and 2 to the loss; the validation loss falls with θ.</summary>
internal sealed class KnownContributor : IContributor
{
    public const double FreeResidual = 0.25;

    public const double NudgedResidual = 0.75;

    public List<TaskRange> Asked { get; } = [];

    public List<double> Validated { get; } = [];

    /// <summary>Where the validation loss is lowest.</summary>
    public double Best { get; init; } = double.NegativeInfinity;

    /// <summary>Errors of the validation tasks at θ; null for the loss of each.</summary>
    public Func<float, float[]>? Errors { get; init; }

    /// <summary>What becomes of the contribution of a meta-step, counted from 0; it may throw.</summary>
    public Func<int, Contribution, Contribution> Disturbed { get; init; } = (_, contribution) => contribution;

    /// <summary>Whether the validation of this number, counted from 0, diverges.</summary>
    public Predicate<int> ValidationDiverges { get; init; } = _ => false;

    public Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        Asked.Add(tasks);
        return Disturbed(tasks.Step, new Contribution(
            Array.ConvertAll(theta, _ => (float)tasks.Count), tasks.Count, 2 * tasks.Count, FreeResidual, NudgedResidual));
    }

    public Validation Validate(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        Assert.Equal(TaskRange.Validation(5), tasks);
        Validated.Add(theta[0]);
        if (ValidationDiverges(Validated.Count - 1))
        {
            throw new DivergenceException("too steep.");
        }

        var loss = 0.5 * (10 + (double.IsFinite(Best) ? Math.Abs(theta[0] - Best) : theta[0]));
        return new Validation(tasks.Count * loss, Errors?.Invoke(theta[0]) ?? [.. Enumerable.Repeat((float)loss, tasks.Count)]);
    }

    public void Dispose()
    {
    }
}
