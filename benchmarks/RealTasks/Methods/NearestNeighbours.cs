namespace MLNetMeta.RealTasks.Methods;

/// <summary>The mean target of the nearest support rows.</summary>
internal sealed class NearestNeighbours : IMethod
{
    private static readonly int[] _neighbours = [1, 2, 3, 5, 10];

    public string Name => "nearest neighbours";

    public IReadOnlyList<string> Settings { get; } = Array.ConvertAll(_neighbours, n => $"{n} nearest");

    public bool Serves(TaskSet set) => true;

    public ITaskModel Fit(TaskSet set, int[] tasks, int setting, int seed) => new Model(new Scale(set, tasks), _neighbours[setting]);

    private sealed class Model(Scale scale, int neighbours) : ITaskModel
    {
        public double[][] Predict(FewShotTask task)
        {
            var support = Array.ConvertAll(task.Support, row => (X: scale.X(row), Y: scale.Y(row)));
            return Array.ConvertAll(task.Query, row =>
            {
                var x = scale.X(row);
                var nearest = support.OrderBy(s => MathNet.Numerics.Distance.SSD(s.X, x)).Take(neighbours).ToArray();
                return scale.Unscaled([.. Enumerable.Range(0, scale.Outputs).Select(o => nearest.Average(s => s.Y[o]))]);
            });
        }
    }
}
