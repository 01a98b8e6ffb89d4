using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers;

/// <summary>What a pilot on the user's own tasks says about the nudging strength β and the numbers of steps.</summary>
/// <remarks>
/// Errors are relative, ‖ĝ − g‖ / ‖g‖: the meta-gradient ĝ as configured against a reference g, the same rule in double precision with much longer phases and
/// a small β. They belong to the slow parameters of the pilot, the first ones of a training.
/// </remarks>
/// <param name="NudgingStrength">The β of the smallest error with the advised steps; of several that do equally well, the one nearest to 0.1.</param>
/// <param name="InnerSteps">Advised steps of the free phase.</param>
/// <param name="NudgedSteps">Advised steps of each nudged phase.</param>
/// <param name="EstimatedError">Relative error of the meta-gradient with these three; 1 is as bad as no gradient at all.</param>
/// <param name="SettlingError">How far from equilibrium the configured free phase ends, as a share of the way that φ has to go.</param>
/// <param name="Trials">Every configuration tried, in order.</param>
public sealed record NudgingAdvice(
    double NudgingStrength, int InnerSteps, int NudgedSteps, double EstimatedError, double SettlingError, IReadOnlyList<NudgingTrial> Trials)
{
    /// <summary>Every configuration tried, in order.</summary>
    public IReadOnlyList<NudgingTrial> Trials { get; init => field = ValueList.Of(value); } = ValueList.Of(Trials);

    /// <summary>The advice in one line.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"nudging strength {NudgingStrength:G3} with {InnerSteps} free and {NudgedSteps} nudged steps: meta-gradient error {EstimatedError:P0}, free phase {SettlingError:P0} from equilibrium");
}

/// <summary>A configuration that the pilot tried.</summary>
/// <param name="NudgingStrength">β.</param>
/// <param name="InnerSteps">Steps of the free phase.</param>
/// <param name="NudgedSteps">Steps of each nudged phase.</param>
/// <param name="Error">Relative error of the meta-gradient; infinite where a phase diverged.</param>
public sealed record NudgingTrial(double NudgingStrength, int InnerSteps, int NudgedSteps, double Error);
