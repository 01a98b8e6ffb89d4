namespace MLNetMeta.Trainers.Testing;

/// <summary>The random tasks that a contract is checked on, and how they are learned.</summary>
public sealed record LearnerContractOptions
{
    /// <summary>Tasks, at least 2. Default 3.</summary>
    public int Tasks { get; init; } = 3;

    /// <summary>Support rows of a task, at least the number of classes. Default 6.</summary>
    public int SupportRows { get; init; } = 6;

    /// <summary>Query rows of a task, at least 2. Default 5.</summary>
    public int QueryRows { get; init; } = 5;

    /// <summary>Classes of a task where the learner takes any number of them, at least 2. Default 3.</summary>
    public int Classes { get; init; } = 3;

    /// <summary>The inner optimiser. Default stochastic gradient descent with a step size of 0.05.</summary>
    public Optimizer Optimizer { get; init; } = Optimizer.Sgd(0.05);

    /// <summary>Inner steps, at least 1. Default 5.</summary>
    public int Steps { get; init; } = 5;

    /// <summary>Nudging strength β of the contrastive rule, above 0. Default 0.3.</summary>
    public double Strength { get; init; } = 0.3;

    /// <summary>Seed of rows and parameters. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Tasks, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(Classes, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(SupportRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueryRows, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Strength);
        ArgumentNullException.ThrowIfNull(Optimizer);
    }
}
