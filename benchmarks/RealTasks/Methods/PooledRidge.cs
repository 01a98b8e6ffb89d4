using System.Globalization;

namespace MLNetMeta.RealTasks.Methods;

/// <summary>Ridge regression on the rows of all tasks: the exact minimum that SDCA and L-BFGS descend to.</summary>
internal sealed class PooledRidge : IMethod
{
    private static readonly double[] _strengths = [1, 100, 10_000];

    public string Name => "pooled ridge";

    public IReadOnlyList<string> Settings { get; } = Array.ConvertAll(_strengths, s => $"λ {s.ToString(CultureInfo.InvariantCulture)}");

    public bool Serves(TaskSet set) => !set.IsClassification;

    public ITaskModel Fit(TaskSet set, int[] tasks, int setting, int seed)
    {
        var scale = new Scale(set, tasks);
        int[] rows = [.. tasks.SelectMany(task => set.Tasks[task])];
        return new Model(scale, Linear.Ridge(Linear.Inputs(scale, rows), Linear.Targets(scale, rows), _strengths[setting]));
    }

    private sealed class Model(Scale scale, MathNet.Numerics.LinearAlgebra.Matrix<double> weights) : ITaskModel
    {
        public double[][] Predict(FewShotTask task) => Linear.Rows(Linear.Inputs(scale, task.Query) * weights, scale);
    }
}
