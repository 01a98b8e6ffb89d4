using MLNetMeta.Trainers.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>Approximately solves H v = b for every task at once, given products with H; tensors are lists with the task axis first.</summary>
internal interface ILinearSolver
{
    /// <summary>The name that tells the rules apart that use it.</summary>
    string Name { get; }

    /// <param name="product">v ↦ H v.</param>
    /// <param name="b">Right-hand side.</param>
    Tensor[] Solve(Func<Tensor[], Tensor[]> product, Tensor[] b);
}

/// <summary>v = b: the Hessian is taken for the identity.</summary>
internal sealed class IdentitySolver : ILinearSolver
{
    public string Name => "T1-T2";

    public Tensor[] Solve(Func<Tensor[], Tensor[]> product, Tensor[] b) => b;
}

/// <summary>Conjugate gradients from v = 0 (Hestenes and Stiefel, 1952); every task has its own step sizes.</summary>
internal sealed class ConjugateGradientSolver(int steps) : ILinearSolver
{
    // A task whose residual has vanished stops moving instead of dividing zero by zero.
    private const double Tiny = 1e-30;

    public string Name => "implicit, conjugate gradient";

    public Tensor[] Solve(Func<Tensor[], Tensor[]> product, Tensor[] b)
    {
        var v = Array.ConvertAll(b, x => zeros_like(x));
        var (residual, direction) = (b, b);
        var squared = TaskDot(residual, residual);
        for (var step = 0; step < steps; step++)
        {
            var image = product(direction);
            var alpha = squared / TaskDot(direction, image).Plus(Tiny);
            v = Combine(v, direction, alpha);
            residual = Combine(residual, image, -alpha);
            var next = TaskDot(residual, residual);
            direction = Combine(residual, direction, next / squared.Plus(Tiny));
            squared = next;
        }

        return v;
    }

    /// <summary>Σ over everything but the task axis: <c>[tasks]</c>.</summary>
    private static Tensor TaskDot(Tensor[] a, Tensor[] b) =>
        a.Zip(b, (x, y) => x.mul(y).reshape(x.shape[0], -1).sum(1)).Aggregate((x, y) => x.Plus(y));

    private static Tensor[] Combine(Tensor[] a, Tensor[] b, Tensor factor) =>
        [.. a.Zip(b, (x, y) => x.Plus(y.mul(factor.reshape([-1, .. Enumerable.Repeat(1L, (int)y.dim() - 1)]))))];
}

/// <summary>v = α Σₖ (1 − αH)ᵏ b, for k from 0 to <c>terms</c> − 1.</summary>
internal sealed class NeumannSolver(int terms, double stepSize) : ILinearSolver
{
    public string Name => "implicit, Neumann series";

    public Tensor[] Solve(Func<Tensor[], Tensor[]> product, Tensor[] b)
    {
        var (term, sum) = (b, b);
        for (var k = 1; k < terms; k++)
        {
            term = [.. term.Zip(product(term), (t, image) => t.Plus(image, -stepSize))];
            sum = [.. sum.Zip(term, (s, t) => s.Plus(t))];
        }

        return Array.ConvertAll(sum, s => s.Times(stepSize));
    }
}
