using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace MLNetMeta.RealTasks.Methods;

/// <summary>Multinomial logistic regression: pooled, for each task alone, or for each task with the pooled weights as its prior's
/// mean.</summary>
internal sealed class Logistic : IMethod
{
    private readonly bool _isPooled;
    private readonly double[] _strengths;

    private Logistic(string name, bool isPooled, double[] strengths)
    {
        (Name, _isPooled, _strengths) = (name, isPooled, strengths);
        Settings = Array.ConvertAll(strengths, s => $"λ {s.ToString(CultureInfo.InvariantCulture)}");
    }

    public static Logistic Pooled { get; } = new("pooled logistic regression", true, [double.PositiveInfinity]);

    public static Logistic PerTask { get; } = new("per-task logistic regression", false, [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]);

    public static Logistic AroundPooled { get; } = new(
        "pooled, then per-task logistic regression", true, [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]);

    public string Name { get; }

    public IReadOnlyList<string> Settings { get; }

    public bool Serves(TaskSet set) => set.IsClassification;

    public ITaskModel Fit(TaskSet set, int[] tasks, int setting, int seed)
    {
        var scale = new Scale(set, tasks);
        var prior = Matrix<double>.Build.Dense(set.FeatureCount + 1, scale.Outputs);
        if (_isPooled)
        {
            // 10,000 rows say of these few weights all there is to say.
            int[] rows = [.. tasks.SelectMany(task => set.Tasks[task])];
            new Random(seed).Shuffle(rows);
            rows = rows[..Math.Min(rows.Length, 10_000)];
            prior = Descend(Linear.Inputs(scale, rows), Linear.Targets(scale, rows), prior, 1e-3, steps: 150);
        }

        return new Model(scale, prior, _strengths[setting]);
    }

    /// <summary>Nesterov's accelerated descent of the mean cross entropy + ½ λ ‖W − prior‖².</summary>
    private static Matrix<double> Descend(Matrix<double> x, Matrix<double> y, Matrix<double> prior, double strength, int steps)
    {
        // The cross entropy's curvature is at most half the largest eigenvalue of the rows' second moments, and that at most their trace.
        var rate = 1 / ((0.5 * LargestEigenvalue(x)) + strength);
        var (weights, before) = (prior, prior);
        for (var step = 0; step < steps; step++)
        {
            var ahead = weights + ((weights - before) * (step / (step + 3.0)));
            var gradient = (x.TransposeThisAndMultiply(Softmax(x * ahead) - y) / x.RowCount) + ((ahead - prior) * strength);
            (before, weights) = (weights, ahead - (gradient * rate));
        }

        return weights;
    }

    private static double LargestEigenvalue(Matrix<double> x)
    {
        var vector = Vector<double>.Build.Dense(x.ColumnCount, 1);
        for (var i = 0; i < 20; i++)
        {
            vector = x.TransposeThisAndMultiply((x * vector).ToColumnMatrix()).Column(0).Normalize(2);
        }

        return 1.1 * Math.Pow((x * vector).L2Norm(), 2) / x.RowCount;
    }

    private static Matrix<double> Softmax(Matrix<double> scores)
    {
        var rows = scores.ToRowArrays();
        foreach (var row in rows)
        {
            var largest = row.Max();
            var sum = row.Sum(value => Math.Exp(value - largest));
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = Math.Exp(row[i] - largest) / sum;
            }
        }

        return Matrix<double>.Build.DenseOfRowArrays(rows);
    }

    private sealed class Model(Scale scale, Matrix<double> prior, double strength) : ITaskModel
    {
        public double[][] Predict(FewShotTask task)
        {
            var weights = double.IsPositiveInfinity(strength)
                ? prior
                : Descend(Linear.Inputs(scale, task.Support), Linear.Targets(scale, task.Support), prior, strength, steps: 100);
            return Linear.Rows(Softmax(Linear.Inputs(scale, task.Query) * weights), scale);
        }
    }
}
