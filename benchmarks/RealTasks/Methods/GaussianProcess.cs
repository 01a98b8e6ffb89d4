using MathNet.Numerics.LinearAlgebra;

namespace MLNetMeta.RealTasks.Methods;

/// <summary>
/// A Gaussian process for each task, with a constant, a linear and a squared exponential covariance around a pooled ridge; the
/// hyperparameters are those of the largest marginal likelihood over all tasks. Classes are regressed one-hot.
/// </summary>
internal sealed class GaussianProcess : IMethod
{
    private const int Candidates = 40;
    private const int RowsPerTask = 30;
    private const int MostTasks = 40;

    public string Name => "Gaussian process";

    public IReadOnlyList<string> Settings { get; } = ["around 0", "around a pooled ridge"];

    public bool Serves(TaskSet set) => true;

    public ITaskModel Fit(TaskSet set, int[] tasks, int setting, int seed)
    {
        var scale = new Scale(set, tasks);
        int[] rows = [.. tasks.SelectMany(task => set.Tasks[task]).Take(20_000)];
        var mean = setting == 0
            ? Matrix<double>.Build.Dense(set.FeatureCount + 1, scale.Outputs)
            : Linear.Ridge(Linear.Inputs(scale, rows), Linear.Targets(scale, rows), 10);
        var sample = tasks.Take(MostTasks).Select(task => set.Tasks[task][..Math.Min(RowsPerTask, set.Tasks[task].Length)])
            .Select(some => (X: Linear.Inputs(scale, some), Y: Linear.Targets(scale, some)))
            .Select(some => (some.X, Residual: some.Y - (some.X * mean))).ToArray();
        var random = new Random(seed);
        double LogUniform(double low, double high) => low * Math.Pow(high / low, random.NextDouble());
        var best = Enumerable.Range(0, Candidates)
            .Select(_ => new Covariance(
                LogUniform(0.01, 3), LogUniform(0.01, 3), LogUniform(0.01, 3), LogUniform(0.2, 5), LogUniform(0.02, 1)))
            .MaxBy(candidate => sample.Sum(task => candidate.LogLikelihood(task.X, task.Residual)))!;
        return new Model(scale, mean, best);
    }

    private sealed record Covariance(double Constant, double Linear, double Smooth, double Length, double Noise)
    {
        public Matrix<double> Between(Matrix<double> a, Matrix<double> b)
        {
            // The first column is the constant 1; distances are as of one feature.
            var features = a.ColumnCount - 1;
            var products = a.TransposeAndMultiply(b);
            var (norms, others) = (a.PointwiseMultiply(a).RowSums(), b.PointwiseMultiply(b).RowSums());
            return products.MapIndexed(
                (i, j, product) => Constant + (Linear * (product - 1) / features)
                    + (Smooth * Math.Exp(-(norms[i] + others[j] - (2 * product)) / (2 * Length * Length * features))), Zeros.Include);
        }

        public MathNet.Numerics.LinearAlgebra.Factorization.Cholesky<double> Factor(Matrix<double> x) =>
            (Between(x, x) + (Matrix<double>.Build.DenseIdentity(x.RowCount) * Noise)).Cholesky();

        public double LogLikelihood(Matrix<double> x, Matrix<double> y)
        {
            var factor = Factor(x);
            return -(y.PointwiseMultiply(factor.Solve(y)).RowSums().Sum() + (y.ColumnCount * factor.DeterminantLn)) / 2;
        }
    }

    private sealed class Model(Scale scale, Matrix<double> mean, Covariance covariance) : ITaskModel
    {
        public double[][] Predict(FewShotTask task)
        {
            var (x, query) = (Linear.Inputs(scale, task.Support), Linear.Inputs(scale, task.Query));
            var weights = covariance.Factor(x).Solve(Linear.Targets(scale, task.Support) - (x * mean));
            return Linear.Rows((query * mean) + (covariance.Between(query, x) * weights), scale);
        }
    }
}
