using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Theory;

/// <summary>The theorem's bound on the error of the forward contrastive estimate (paper, theorem 1).</summary>
/// <remarks>
/// <para>‖ĝ − ∇‖ ≤ B_in (δ + δ')/β + B_out δ' + C β/(1 + β), C = max(B_in, B_out) c₂ + σ c₁² + 2 B_out c₁,
/// c₁ = L ‖∇L_in(argmin L_out)‖ / μ², c₂ = (ρ c₁² + 2 L c₁) / μ.</para>
/// <para>The first term falls with β, the last rises: hence a best β, which grows with the settling errors δ and δ'.</para>
/// </remarks>
/// <param name="LearningLipschitz">B_in, the Lipschitz constant of ∂θL_in in φ.</param>
/// <param name="EvaluationLipschitz">B_out, that of ∂θL_out.</param>
/// <param name="Bias">C, the constant of the bias of a finite β.</param>
internal sealed record ErrorBound(double LearningLipschitz, double EvaluationLipschitz, double Bias)
{
    /// <summary>The bound at β with settling errors δ of the free and δ' of the nudged phase.</summary>
    public double At(double beta, double free, double nudged) =>
        (LearningLipschitz * (free + nudged) / beta) + (EvaluationLipschitz * nudged) + (Bias * beta / (1 + beta));

    /// <summary>The β of the smallest bound, √A / (√C − √A) with A = B_in (δ + δ'); infinite where A ≥ C.</summary>
    public double BestBeta(double free, double nudged)
    {
        var (a, c) = (Math.Sqrt(LearningLipschitz * (free + nudged)), Math.Sqrt(Bias));
        return a < c ? a / (c - a) : double.PositiveInfinity;
    }

    /// <summary>The smallest bound over β, B_out δ' + 2√(AC) − A; at an infinite β where A ≥ C.</summary>
    public double Smallest(double free, double nudged)
    {
        var a = LearningLipschitz * (free + nudged);
        return (EvaluationLipschitz * nudged) + (a < Bias ? (2 * Math.Sqrt(a * Bias)) - a : Bias);
    }

    /// <summary>The constants of a problem.</summary>
    /// <remarks>
    /// Quadratic losses: ρ = 0. L_out does not depend on θ at fixed φ: B_out = 0. With ω alone in θ, ∂ωL_in = λ(ω − φ): B_in = max λ, σ =
    /// 0. With log λ as well, ∂L_in/∂log λ = ½λ(φ − ω)²: σ = max λ, and B_in = max λ √(1 + r²) where |φᵢ − ωᵢ| ≤ r.
    /// </remarks>
    /// <param name="problem">The problem.</param>
    /// <param name="phases">The phases and β whose states r has to cover; needed where λ is learned.</param>
    public static ErrorBound Of(ExactProblem problem, (double Beta, double Free, double Nudged) phases)
    {
        using var scope = NewDisposeScope();
        var (learning, evaluation) = (linalg.eigvalsh(problem.Hessian), linalg.eigvalsh(problem.EvaluationHessian));
        var smooth = Math.Max(learning.max().ToNumber(), evaluation.max().ToNumber());
        var convex = Math.Min(learning.min().ToNumber(), evaluation.min().ToNumber());
        var strength = problem.Strengths.max().ToNumber();
        var c1 = smooth * problem.LearningGradient(problem.EvaluationMinimum()).norm().ToNumber() / (convex * convex);
        var c2 = 2 * smooth * c1 / convex;
        if (problem.Theta.Values.Count == 2)
        {
            return new ErrorBound(strength, 0, strength * c2);
        }

        // φ*_β moves by at most c₁ β/(1 + β), and φ̂ is off by at most δ.
        var start = problem.Equilibrium(0).Minus(problem.Omega).abs().max().ToNumber();
        var radius = start + (c1 * phases.Beta / (1 + phases.Beta)) + Math.Max(phases.Free, phases.Nudged);
        var lipschitz = strength * Math.Sqrt(1 + (radius * radius));
        return new ErrorBound(lipschitz, 0, (lipschitz * c2) + (strength * c1 * c1));
    }

    /// <summary>The bound for phases as they run: settling errors measured, constants computed.</summary>
    public static double Of(ExactProblem problem, Phase free, Phase nudged, double beta)
    {
        var (delta, nudgedDelta) = problem.SettlingErrors(free, nudged, beta);
        return Of(problem, (beta, delta, nudgedDelta)).At(beta, delta, nudgedDelta);
    }
}
