using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers;

/// <summary>What a pilot on the user's own tasks says about the nudging strength β and the numbers of steps.</summary>
/// <remarks>
/// Errors are relative, ‖ĝ − g‖ / ‖g‖: the meta-gradient ĝ as configured against a reference g, the same rule in double precision with much
/// longer phases and a small β. They belong to the slow parameters of the pilot, the first ones of a training.
/// </remarks>
public sealed record NudgingAdvice
{
    /// <summary>The β of the smallest error with the advised steps; of several that do equally well, the one nearest to 0.1.</summary>
    public required double NudgingStrength { get; init; }

    /// <summary>Advised steps of the free phase.</summary>
    public required int AdaptationSteps { get; init; }

    /// <summary>Advised steps of each nudged phase.</summary>
    public required int NudgedSteps { get; init; }

    /// <summary>Relative error of the meta-gradient with these three; 1 is as bad as no gradient at all.</summary>
    public required double EstimatedError { get; init; }

    /// <summary>How far from equilibrium the configured free phase ends, as a share of the way that φ has to go.</summary>
    public required double SettlingError { get; init; }

    /// <summary>Every configuration tried, in order.</summary>
    public required IReadOnlyList<NudgingTrial> Trials { get; init => field = ValueList.Of(value); }

    /// <summary>The advice in one line.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"nudging strength {NudgingStrength:G3} with {AdaptationSteps} free and {NudgedSteps} nudged steps: ")
        + FormattableString.Invariant($"meta-gradient error {EstimatedError:P0}, free phase {SettlingError:P0} from equilibrium");
}
