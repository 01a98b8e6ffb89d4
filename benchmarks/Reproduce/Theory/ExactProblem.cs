using MLNetMeta.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Theory;

/// <summary>
/// A single task whose meta-gradient is known exactly: a <see cref="ComplexSynapse"/> over a linear model with squared error, in float64.
/// </summary>
/// <remarks>
/// <para>L_in = Σ w (x·φ − y)² + ½ Σ λ (φ − ω)² with Hessian H = 2 XᵀWX + λ, L_out = Σ w' (x'·φ − y')²
/// with Hessian B; x ends with 1, for the bias.</para>
/// <para>φ*_β = (H + βB)⁻¹ (2XᵀWy + λω + 2β X'ᵀW'y'); with v = H⁻¹∇L_out(φ*_0): ∇ω = λ ⊙ v, ∇log λ = −λ (φ*_0 − ω) ⊙ v.</para>
/// <para>The analytic quadratic and ridge regression are both of this kind: they differ in the rows only.</para>
/// </remarks>
internal sealed class ExactProblem : IDisposable
{
    /// <param name="batch">One task, float64, one output; weights as they are, they need not sum to 1. Owned from now on.</param>
    /// <param name="strength">λ, above 0.</param>
    /// <param name="learnStrength">Whether log λ belongs to θ, beside ω.</param>
    public ExactProblem(EpisodeBatch batch, double strength, bool learnStrength)
    {
        using var scope = NewDisposeScope();
        Batch = batch;
        var features = (int)batch.Support.Features.shape[^1];
        Learner = new ComplexSynapse(Mlp.WithReadout(features, [], 1, Activation.Tanh), TaskLoss.SquaredError, strength, learnStrength);
        // ω = 0, and log λ to full precision, which a drawn θ does not have.
        Theta = new Parameters(new NamedValues<Tensor>(
            [.. Learner.Slow.Select(s => s.Name)], [.. Learner.Slow.Select(s => Scalars.Filled([.. s.Shape], s.InitialMean))]));
        Strengths = Scalars.Filled([features + 1], strength).DetachFromDisposeScope();
        (DataHessian, DataTarget) = Normal(batch.Support);
        (EvaluationHessian, EvaluationTarget) = Normal(batch.Query);
    }

    public ComplexSynapse Learner { get; }

    public EpisodeBatch Batch { get; }

    /// <summary>ω (0 unless set) and, where it is learned, log λ.</summary>
    public Parameters Theta { get; private set; }

    /// <summary>λ: <c>[parameters]</c>.</summary>
    public Tensor Strengths { get; }

    /// <summary>2 XᵀWX: <c>[parameters, parameters]</c>.</summary>
    public Tensor DataHessian { get; }

    /// <summary>B = 2 X'ᵀW'X'.</summary>
    public Tensor EvaluationHessian { get; }

    /// <summary>ω: <c>[parameters]</c>, the bias last.</summary>
    public Tensor Omega => Flat(Theta.Values.Values.Take(2));

    private Tensor DataTarget { get; }

    private Tensor EvaluationTarget { get; }

    /// <summary>H = 2 XᵀWX + λ.</summary>
    public Tensor Hessian => DataHessian.Plus(diag(Strengths));

    /// <summary>Chooses ω, <c>[parameters]</c>.</summary>
    public void SetOmega(Tensor omega)
    {
        using var scope = NewDisposeScope();
        var old = Theta;
        var features = omega.numel() - 1;
        Tensor[] values =
        [
            omega[..(int)features].clone().reshape(features, 1), omega[(int)features..].clone().reshape(1, 1),
            .. old.Values.Values.Skip(2).Select(t => t.clone()),
        ];
        Theta = new Parameters(old.Values.With(values));
        old.Dispose();
    }

    /// <summary>φ*_β, <c>[parameters]</c>.</summary>
    public Tensor Equilibrium(double beta)
    {
        using var scope = NewDisposeScope();
        var target = DataTarget.Plus(Strengths.mul(Omega)).Plus(EvaluationTarget, beta);
        return linalg.solve(Hessian.Plus(EvaluationHessian, beta), target).MoveToOuterDisposeScope();
    }

    /// <summary>∇φ L_out.</summary>
    public Tensor EvaluationGradient(Tensor phi) => EvaluationHessian.matmul(phi).Minus(EvaluationTarget);

    /// <summary>∇φ L_in.</summary>
    public Tensor LearningGradient(Tensor phi) => DataHessian.matmul(phi).Minus(DataTarget).Plus(Strengths.mul(phi.Minus(Omega)));

    /// <summary>The minimum of L_out alone, of least norm where there are several.</summary>
    public Tensor EvaluationMinimum() => linalg.lstsq(EvaluationHessian, EvaluationTarget.unsqueeze(1)).Solution.squeeze(1);

    /// <summary>∇θ L_out(φ*_0(θ)); the caller's.</summary>
    public Parameters ExactGradient()
    {
        using var scope = NewDisposeScope();
        var equilibrium = Equilibrium(0);
        var v = linalg.solve(Hessian, EvaluationGradient(equilibrium));
        return Gradient(Strengths.mul(v), Strengths.mul(equilibrium.Minus(Omega)).mul(v).neg());
    }

    /// <summary>The T1-T2 estimate at the equilibrium: the exact gradient with v = ∇L_out in place of H⁻¹∇L_out; the caller's.</summary>
    public Parameters IdentityGradient()
    {
        using var scope = NewDisposeScope();
        var equilibrium = Equilibrium(0);
        var v = EvaluationGradient(equilibrium);
        return Gradient(Strengths.mul(v), Strengths.mul(equilibrium.Minus(Omega)).mul(v).neg());
    }

    /// <summary>‖ĝ − ∇‖ / ‖∇‖ of a rule; infinite where it diverged.</summary>
    public double RelativeError(IMetaGradientRule rule)
    {
        using var exact = ExactGradient();
        try
        {
            using var estimate = rule.Estimate(Learner, Theta, Batch);
            using var difference = estimate.Gradient.AddScaled(exact, -1);
            var error = difference.Norm() / exact.Norm();
            return double.IsFinite(error) ? error : double.PositiveInfinity;
        }
        catch (InvalidOperationException)
        {
            return double.PositiveInfinity;
        }
    }

    /// <summary>δ = ‖φ̂_0 − φ*_0‖ and δ' = ‖φ̂_β − φ*_β‖, the nudged phase starting where the free phase ended.</summary>
    public (double Free, double Nudged) SettlingErrors(Phase free, Phase nudged, double beta)
    {
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(Learner, Theta.Values, Batch);
        var freeEnd = Settle.Run(problem, problem.InitialFast(), 0, free).Phi;
        var nudgedEnd = Settle.Run(problem, freeEnd, beta, nudged).Phi;
        return (Distance(freeEnd, 0), Distance(nudgedEnd, beta));

        double Distance(NamedValues<Tensor> phi, double at) => Flat(phi.Values).Minus(Equilibrium(at)).norm().ToNumber();
    }

    public void Dispose()
    {
        Batch.Dispose();
        Theta.Dispose();
        foreach (var tensor in new[] { Strengths, DataHessian, DataTarget, EvaluationHessian, EvaluationTarget })
        {
            tensor.Dispose();
        }
    }

    /// <summary>2 XᵀWX and 2 XᵀWy of rows, to whose features a 1 is added; the caller's.</summary>
    private static (Tensor Hessian, Tensor Target) Normal(Rows<Tensor> rows)
    {
        var (x, y, w) = (rows.Features[0], rows.Targets[0], rows.Weights[0]);
        x = cat([x, ones_like(x[.., ..1])], 1);
        var weighted = x.mul(w).t().Times(2);
        return (weighted.matmul(x).DetachFromDisposeScope(), weighted.matmul(y).squeeze(1).DetachFromDisposeScope());
    }

    private Parameters Gradient(Tensor omega, Tensor logStrength)
    {
        var parts = Theta.Values.Count > 2 ? new[] { omega, logStrength } : [omega];
        return new Parameters(
            Theta.Values.With(parts.SelectMany(p => new[] { p[..^1].clone().reshape(-1, 1), p[^1..].clone().reshape(1, 1) }).ToArray()));
    }

    private static Tensor Flat(IEnumerable<Tensor> tensors) => cat([.. tensors.Select(t => t.reshape(-1))]);
}
