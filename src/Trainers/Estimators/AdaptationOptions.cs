using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Rules;

namespace MLNetMeta.Trainers;

/// <summary>How the fast parameters φ learn a task: the inner loop, here and in the app.</summary>
public sealed record AdaptationOptions
{
    /// <summary>How φ is optimised within a task. Default Nesterov's accelerated gradient, learning rate 0.01, momentum 0.9.</summary>
    public Optimizer Optimizer { get; init; } = Optimizer.Sgd(0.01, 0.9, nesterov: true);

    /// <summary>Steps of the free phase, and of an adaptation in the app; at least 1. Default 50.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>
    /// How the app optimises φ; null (default) for <see cref="Optimizer"/>. Rules that see the equilibrium only, such as the contrastive
    /// one, leave the choice free: any optimiser ends there. Smaller steps are safer where tasks of the app may be unlike those of
    /// meta-training, for instance have fewer classes, whose learning loss is more curved.
    /// </summary>
    public Optimizer? OptimizerInApp { get; init; }

    /// <summary>Steps of an adaptation in the app, at least 1; null (default) for <see cref="Steps"/>. The app can change it.</summary>
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
