using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Theory;

/// <summary>Makes <see cref="ExactProblem"/>s: random quadratics of a given spectrum, and ridge regression on rows.</summary>
internal static class ExactProblems
{
    /// <summary>
    /// L_in = ½(φ−a)ᵀA(φ−a) + (λ/2)‖φ−ω‖², L_out = ½(φ−b)ᵀB(φ−b) with random eigenvectors, equally
    /// spaced eigenvalues and normally distributed a, b, ω.
    /// </summary>
    /// <param name="size">Number of parameters n, at least 2.</param>
    /// <param name="strength">λ, above 0.</param>
    /// <param name="data">Smallest and largest eigenvalue of A; those of H are λ more.</param>
    /// <param name="evaluation">Smallest and largest eigenvalue of B.</param>
    /// <param name="learnStrength">Whether log λ belongs to θ.</param>
    /// <param name="seed">Seed.</param>
    public static ExactProblem Quadratic(
        int size, double strength, (double Smallest, double Largest) data, (double Smallest, double Largest) evaluation,
        bool learnStrength, int seed)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        var problem = new ExactProblem(
            new EpisodeBatch(Rows(data), Rows(evaluation)), strength, learnStrength);
        problem.SetOmega(NormalTensors.Draw(random, size));
        return problem;

        // A = Σ sᵢ uᵢuᵢᵀ = 2 Σ wᵢ xᵢxᵢᵀ with xᵢ = uᵢ / uᵢₙ, which ends with 1, and wᵢ = sᵢ uᵢₙ² / 2.
        Rows<Tensor> Rows((double Smallest, double Largest) spectrum)
        {
            var (vectors, _) = linalg.qr(NormalTensors.Draw(random, size, size));
            var minimum = NormalTensors.Draw(random, size, 1);
            var last = vectors[^1..].t();
            var x = vectors.t().div(last);
            var w = linspace(spectrum.Smallest, spectrum.Largest, size, dtype: ScalarType.Float64).unsqueeze(1).mul(
                last.Squared()).Times(0.5);
            return new Rows<Tensor>(x[.., ..^1].contiguous().unsqueeze(0), x.matmul(minimum).unsqueeze(0), w.unsqueeze(0));
        }
    }

    /// <summary>The quadratic of the published figures: n = 20, λ_min(H) = 0.6, λ_max(B) = 2.</summary>
    public static ExactProblem Standard(int seed = 0, bool learnStrength = false) =>
        Quadratic(20, 0.5, (0.1, 2), (0.2, 2), learnStrength, seed);

    /// <summary>
    /// L_in = (1/2n)‖Xφ − y‖² + ½ Σ λᵢφᵢ² on the support rows, L_out = mean squared error / 2
    /// on the query rows; one learned λᵢ per weight, ω = 0.
    /// </summary>
    /// <param name="support">Features, row by row.</param>
    /// <param name="supportTargets">Targets.</param>
    /// <param name="query">Features of the validation rows.</param>
    /// <param name="queryTargets">Targets of the validation rows.</param>
    /// <param name="strength">λ at the start, above 0.</param>
    public static ExactProblem Ridge(double[][] support, double[] supportTargets, double[][] query, double[] queryTargets, double strength)
    {
        using var scope = NewDisposeScope();
        return new ExactProblem(new EpisodeBatch(Rows(support, supportTargets), Rows(query, queryTargets)), strength, learnStrength: true);

        static Rows<Tensor> Rows(double[][] features, double[] targets) => new(
            tensor(features.SelectMany(f => f).ToArray(), [1, features.Length, features[0].Length]),
            tensor(targets, [1, targets.Length, 1]),
            Scalars.Filled([1, targets.Length, 1], 0.5 / targets.Length));
    }
}
