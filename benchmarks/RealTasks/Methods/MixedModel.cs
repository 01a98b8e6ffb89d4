using MathNet.Numerics.LinearAlgebra;

namespace MLNetMeta.RealTasks.Methods;

/// <summary>
/// A linear mixed model: a task's coefficients are drawn from N(μ, Σ); μ, Σ and the noise are estimated over all tasks (empirical
/// Bayes by expectation–maximisation; Laird and Ware, 1982), and a new task's by their posterior mean.
/// </summary>
internal sealed class MixedModel : IMethod
{
    private const int Iterations = 15;

    public string Name => "linear mixed model";

    public IReadOnlyList<string> Settings { get; } = [
        "random intercept", "random intercept and slopes, independent", "random intercept and slopes"];

    public bool Serves(TaskSet set) => !set.IsClassification;

    public ITaskModel Fit(TaskSet set, int[] tasks, int setting, int seed)
    {
        var scale = new Scale(set, tasks);
        var moments = Array.ConvertAll(tasks, task =>
        {
            var (x, y) = (Linear.Inputs(scale, set.Tasks[task]), Linear.Targets(scale, set.Tasks[task]));
            return (XX: x.TransposeThisAndMultiply(x), XY: x.TransposeThisAndMultiply(y).Column(0),
                YY: y.Column(0).DotProduct(y.Column(0)), N: x.RowCount);
        });
        var width = set.FeatureCount + 1;
        var (gram, cross) = (moments.Aggregate(Matrix<double>.Build.Dense(width, width), (sum, m) => sum + m.XX),
            moments.Aggregate(Vector<double>.Build.Dense(width), (sum, m) => sum + m.XY));
        var mean = (gram + Matrix<double>.Build.DenseIdentity(width)).Cholesky().Solve(cross);
        var covariance = Restricted(Matrix<double>.Build.DenseIdentity(width) * 0.1, setting);
        var noise = 0.5;
        for (var i = 0; i < Iterations; i++)
        {
            var prior = covariance.Cholesky();
            var precision = prior.Solve(Matrix<double>.Build.DenseIdentity(width));
            var posteriors = Array.ConvertAll(moments, m => Posterior(m.XX, m.XY, mean, precision, noise));
            mean = posteriors.Aggregate(Vector<double>.Build.Dense(width), (sum, p) => sum + p.Mean) / posteriors.Length;
            var centre = mean;
            covariance = Restricted(
                posteriors.Aggregate(
                    Matrix<double>.Build.Dense(width, width),
                    (sum, p) => sum + p.Covariance + (p.Mean - centre).OuterProduct(p.Mean - centre)) / posteriors.Length,
                setting);
            noise = moments.Zip(posteriors, (m, p) => m.YY - (2 * p.Mean.DotProduct(m.XY)) + p.Mean.DotProduct(m.XX * p.Mean)
                + (m.XX * p.Covariance).Trace()).Sum() / moments.Sum(m => m.N);
        }

        return new Model(scale, mean, covariance.Cholesky().Solve(Matrix<double>.Build.DenseIdentity(width)), noise);
    }

    private static (Vector<double> Mean, Matrix<double> Covariance) Posterior(
        Matrix<double> xx, Vector<double> xy, Vector<double> mean, Matrix<double> precision, double noise)
    {
        var cholesky = ((xx / noise) + precision).Cholesky();
        return (cholesky.Solve((xy / noise) + (precision * mean)), cholesky.Solve(Matrix<double>.Build.DenseIdentity(mean.Count)));
    }

    /// <summary>What the setting leaves of a covariance; what is not random has next to no variance.</summary>
    private static Matrix<double> Restricted(Matrix<double> covariance, int setting) => covariance.MapIndexed((i, j, value) =>
        (i == j ? 1e-6 : 0) + (setting == 2 || (i == j && (setting == 1 || i == 0)) ? value : 0), Zeros.Include);

    private sealed class Model(Scale scale, Vector<double> mean, Matrix<double> precision, double noise) : ITaskModel
    {
        public double[][] Predict(FewShotTask task)
        {
            var (x, y) = (Linear.Inputs(scale, task.Support), Linear.Targets(scale, task.Support).Column(0));
            var coefficients = Posterior(
                x.TransposeThisAndMultiply(x), x.TransposeThisAndMultiply(y.ToColumnMatrix()).Column(0), mean, precision, noise).Mean;
            return Linear.Rows((Linear.Inputs(scale, task.Query) * coefficients).ToColumnMatrix(), scale);
        }
    }
}
