using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>Checks a pull of strength λ of the fast parameters to the slow ones against what a rule can do.</summary>
internal static class PullCheck
{
    /// <param name="rule">The rule.</param>
    /// <param name="strength">λ, or its initial value where it is learned.</param>
    /// <param name="name">The option that says so.</param>
    /// <param name="learned">Whether λ is learned.</param>
    /// <param name="learnedName">The option that says so.</param>
    /// <exception cref="ArgumentException">The strength is outside its range, or the rule has no gradient with it.</exception>
    public static void Strength(MetaGradientRule rule, double strength, string name, bool learned, string learnedName)
    {
        default(OptionCheck).NotNegative(strength, name);
        if (strength == 0 && learned)
        {
            throw TrainerThrow.LearnedZero(learnedName, name);
        }

        // A pull of strength 0 leaves its centre without influence on the equilibrium.
        if (strength == 0 && !rule.SeesStart)
        {
            throw TrainerThrow.RuleCannotServe(
                rule.Name, $"{name} 0, because the equilibrium does not depend on the consolidated parameters",
                $"set {name} above 0, or use Unrolled, FirstOrder or Reptile");
        }

        // Strengths without a gradient would silently stay as they are.
        if (learned && !rule.SeesStrength)
        {
            throw TrainerThrow.RuleCannotServe(
                rule.Name, $"{learnedName}, because the rule has no gradient for the strengths",
                $"set {learnedName} to false for a fixed {name}, or use Contrastive, ConjugateGradient or Unrolled");
        }
    }
}
