using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers;

/// <summary>The result of a pilot on the user's own tasks: advice on the nudging strength β and the numbers of steps.</summary>
/// <remarks>
/// Errors are relative, ‖ĝ − g‖ / ‖g‖. ĝ is the meta-gradient as configured. The reference g is computed by the same rule in double
/// precision, with much longer phases and a small β. The errors hold for the slow parameters of the pilot, which are those at the start of
/// a training.
/// </remarks>
public sealed record NudgingAdvice
{
    /// <summary>The β with the smallest error for the advised steps. If several are equally good, the one nearest to 0.1.</summary>
    public required double NudgingStrength { get; init; }

    /// <summary>Advised number of steps of the free phase.</summary>
    public required int AdaptationSteps { get; init; }

    /// <summary>Advised number of steps of each nudged phase.</summary>
    public required int NudgedSteps { get; init; }

    /// <summary>Relative error of the meta-gradient with these three values. An error of 1 is as bad as no gradient at all.</summary>
    public required double EstimatedError { get; init; }

    /// <summary>
    /// How far from equilibrium the configured free phase ends, as a fraction of the distance from the start of φ to the equilibrium.
    /// </summary>
    public required double SettlingError { get; init; }

    /// <summary>Every configuration that was tried, in order.</summary>
    public required IReadOnlyList<NudgingTrial> Trials { get; init => field = ValueList.Of(value); }

    /// <summary>The advice in one line.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"nudging strength {NudgingStrength:G3} with {AdaptationSteps} free and {NudgedSteps} nudged steps: ")
        + FormattableString.Invariant($"meta-gradient error {EstimatedError:P0}, free phase {SettlingError:P0} from equilibrium");
}
