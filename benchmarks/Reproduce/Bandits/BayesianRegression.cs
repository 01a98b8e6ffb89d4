using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Bandits;

/// <summary>
/// Bayesian linear regressions, many at once, in float64: y ~ N(βᵀz, σ²), β | σ² ~ N(0, σ²/λ · I), σ² ~ InverseGamma(a₀, b₀).
/// </summary>
/// <remarks>
/// Posterior: Λ = λI + ZᵀZ, μ = Λ⁻¹Zᵀy, a = a₀ + n/2, b = b₀ + ½(yᵀy − μᵀΛμ); β | σ² ~ N(μ, σ²Λ⁻¹)
/// by the Cholesky factor of Λ. Owner of its tensors.
/// </remarks>
internal sealed class BayesianRegression : IDisposable
{
    private readonly double _a0;
    private readonly double _b0;
    private readonly Tensor _precision;
    private readonly Tensor _moment;
    private readonly Tensor _squares;
    private readonly Tensor _counts;
    private readonly Tensor _factor;
    private readonly Tensor _mean;
    private readonly Tensor _b;

    /// <param name="count">Number of regressions.</param>
    /// <param name="width">Elements of z.</param>
    /// <param name="a0">a₀, above 0.</param>
    /// <param name="b0">b₀, above 0.</param>
    /// <param name="strength">λ, above 0.</param>
    public BayesianRegression(int count, int width, double a0, double b0, double strength)
    {
        using var scope = NewDisposeScope();
        (_a0, _b0) = (a0, b0);
        var identity = eye(width, width, ScalarType.Float64).expand(count, width, width);
        _precision = identity.Times(strength).DetachFromDisposeScope();
        _factor = identity.Times(Math.Sqrt(strength)).DetachFromDisposeScope();
        _moment = Zeros(count, width, 1);
        _mean = Zeros(count, width, 1);
        _squares = Zeros(count);
        _counts = Zeros(count);
        _b = Scalars.Filled([count], b0).DetachFromDisposeScope();

        static Tensor Zeros(params long[] shape) => zeros(shape, ScalarType.Float64).DetachFromDisposeScope();
    }

    /// <summary>μ, <c>[regressions, width, 1]</c>; not to be changed.</summary>
    public Tensor Mean => _mean;

    /// <summary>b of the variance's posterior, <c>[regressions]</c>; not to be changed.</summary>
    public Tensor B => _b;

    /// <summary>a of the variance's posterior, <c>[regressions]</c>.</summary>
    public Tensor A => _counts.Times(0.5).Plus(_a0);

    /// <summary>
    /// Takes new rows in: <paramref name="which"/> regressions <c>[k]</c>, all different, get the rows z <c>[k, n, width]</c>
    /// with values y <c>[k, n, 1]</c>.
    /// </summary>
    /// <param name="which">Numbers of regressions.</param>
    /// <param name="z">Rows.</param>
    /// <param name="y">Their values.</param>
    /// <param name="weights">1 for a row that is there and 0 for one that is not, <c>[k, n, 1]</c>; null where all are.</param>
    public void Observe(Tensor which, Tensor z, Tensor y, Tensor? weights = null)
    {
        using var scope = NewDisposeScope();
        var (rows, values) = weights is null ? (z, y) : (z.mul(weights), y.mul(weights));
        var precision = _precision.index_select(0, which).Plus(rows.transpose(1, 2).matmul(rows));
        var moment = _moment.index_select(0, which).Plus(rows.transpose(1, 2).matmul(values));
        var squares = _squares.index_select(0, which).Plus(values.Squared().sum([1, 2]));
        var counts = _counts.index_select(0, which).Plus(weights is null ? full_like(squares, z.shape[1]) : weights.sum([1, 2]));
        var factor = linalg.cholesky(precision);
        var mean = cholesky_solve(moment, factor, false);
        // yᵀy − μᵀΛμ = yᵀy − μᵀZᵀy, never below 0 but for rounding.
        var b = squares.Minus(mean.mul(moment).sum([1, 2])).AtLeast(0).Times(0.5).Plus(_b0);
        foreach (
            var (state, part) in new[]
            {
                (_precision, precision), (_moment, moment), (_squares, squares), (_counts, counts), (_factor, factor), (_mean, mean),
                (_b, b),
            })
        {
            state.index_copy_(0, which, part);
        }
    }

    /// <summary>
    /// A draw of βᵀz from the posterior for each regression's own row z <c>[regressions, width, 1]</c>: <c>[regressions]</c>.
    /// </summary>
    public Tensor Draw(Tensor z, Generator generator)
    {
        using var scope = NewDisposeScope();
        // βᵀz | σ² ~ N(μᵀz, σ² ‖L⁻¹z‖²) with Λ = LLᵀ, and σ² = b / Gamma(a).
        var variance = _b.div(_standard_gamma(A, generator));
        var reach = linalg.solve_triangular(_factor, z, upper: false).Squared().sum([1, 2]);
        var normal = randn(_b.shape, ScalarType.Float64, generator: generator);
        return _mean.mul(z).sum([1, 2]).Plus(normal.mul(variance.mul(reach).sqrt())).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { _precision, _moment, _squares, _counts, _factor, _mean, _b })
        {
            tensor.Dispose();
        }
    }
}
