using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Rules;

namespace MLNetMeta.Trainers;

/// <summary>How the fast parameters φ learn a task: the inner loop, in meta-training and in the app.</summary>
/// <example>
/// <code>
/// var adaptation = new AdaptationOptions { Optimizer = Optimizer.Sgd(0.05, 0.9), Steps = 30, StepsInApp = 60 };
/// </code>
/// </example>
public sealed record AdaptationOptions
{
    /// <summary>Optimiser of φ within a task. Default gradient descent with Nesterov momentum, learning rate 0.01, momentum 0.9.</summary>
    public Optimizer Optimizer { get; init; } = Optimizer.Sgd(0.01, 0.9, nesterov: true);

    /// <summary>Number of steps of the free phase, and of an adaptation in the app, at least 1. Default 50.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>
    /// Optimiser of φ in the app; null (default) for <see cref="Optimizer"/>. With rules that depend only on the equilibrium, such as the
    /// contrastive rule, any optimiser can be used, because all reach the same equilibrium. Smaller steps are safer if tasks in the app may
    /// differ from the tasks of meta-training, for example if they have fewer classes and so a learning loss with higher curvature.
    /// </summary>
    public Optimizer? OptimizerInApp { get; init; }

    /// <summary>
    /// Number of steps of an adaptation in the app, at least 1; null (default) for <see cref="Steps"/>. The app can change it.
    /// </summary>
    public int? StepsInApp { get; init; }

    internal Phase FreePhase => new(Optimizer, Steps);

    internal Phase PhaseInApp => new(OptimizerInApp ?? Optimizer, StepsInApp ?? Steps);

    internal void Validate()
    {
        var check = new OptionCheck("Adaptation");
        check.NotNull(Optimizer, nameof(Optimizer));
        check.AtLeast(Steps, 1, nameof(Steps));
        check.AtLeast(StepsInApp ?? 1, 1, nameof(StepsInApp));
    }
}
