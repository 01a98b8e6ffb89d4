using System.Globalization;

namespace MLNetMeta.RealTasks.Methods;

/// <summary>Ridge regression on a task's own rows and nothing else.</summary>
internal sealed class TaskRidge : IMethod
{
    private static readonly double[] _strengths = [0.1, 1, 3, 10, 30, 100, 1000];

    public string Name => "per-task ridge";

    public IReadOnlyList<string> Settings { get; } = Array.ConvertAll(_strengths, s => $"λ {s.ToString(CultureInfo.InvariantCulture)}");

    public bool Serves(TaskSet set) => !set.IsClassification;

    public ITaskModel Fit(TaskSet set, int[] tasks, int setting, int seed) => new Model(new Scale(set, tasks), _strengths[setting]);

    private sealed class Model(Scale scale, double strength) : ITaskModel
    {
        public double[][] Predict(FewShotTask task)
        {
            var weights = Linear.Ridge(Linear.Inputs(scale, task.Support), Linear.Targets(scale, task.Support), strength);
            return Linear.Rows(Linear.Inputs(scale, task.Query) * weights, scale);
        }
    }
}
