using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>Conjugate gradients from v = 0 (Hestenes and Stiefel, 1952); every task has its own step sizes.</summary>
/// <param name="Steps">Steps, each a product with H.</param>
internal sealed record ConjugateGradientSolver(int Steps) : ILinearSolver
{
    // A task whose residual has vanished stops moving instead of dividing zero by zero.
    private const double Tiny = 1e-30;

    public string Name => "implicit, conjugate gradient";

    public string Describe() => FormattableString.Invariant($"{Name} {Steps}");

    public Tensor[] Solve(Func<Tensor[], Tensor[]> product, Tensor[] b)
    {
        var v = Array.ConvertAll(b, x => zeros_like(x));
        var (residual, direction) = (b, b);
        var squared = TaskDot(residual, residual);
        for (var step = 0; step < Steps; step++)
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
