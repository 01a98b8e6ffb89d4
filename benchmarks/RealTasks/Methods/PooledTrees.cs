using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.RealTasks.Methods;

/// <summary>
/// Boosted trees over the rows of all tasks: as they are; trained anew for each task with its support rows added; with statistics of the
/// task's support as further features; or with a ridge regression of what they leave over on the task's own rows.
/// </summary>
internal sealed class PooledTrees(string library, PooledTrees.Adaptation adaptation) : IMethod
{
    private static readonly (int Leaves, int Trees)[] _grid = [(4, 100), (16, 100), (31, 200)];
    private static readonly double[] _strengths = [1, 10, 100];

    public enum Adaptation
    {
        None,
        Rows,
        Statistics,
        Residual,
    }

    public string Name { get; } = $"pooled {library}" + adaptation switch
    {
        Adaptation.Rows => " with the task's rows",
        Adaptation.Statistics => " on task statistics",
        Adaptation.Residual => ", then per-task ridge",
        _ => "",
    };

    public IReadOnlyList<string> Settings { get; } = adaptation == Adaptation.Residual
        ? [.. _strengths.Select(s => $"16 leaves, 100 trees, λ {s}")]
        : [.. _grid.Select(g => $"{g.Leaves} leaves, {g.Trees} trees")];

    public bool Serves(TaskSet set) => adaptation != Adaptation.Residual || !set.IsClassification;

    public ITaskModel Fit(TaskSet set, int[] tasks, int setting, int seed)
    {
        var (leaves, trees) = adaptation == Adaptation.Residual ? _grid[1] : _grid[setting];
        var ml = new MLContext(seed);
        var scale = new Scale(set, tasks);
        var statistics = adaptation == Adaptation.Statistics ? new SupportStatistics(set, scale) : null;
        var random = new Random(seed);
        // Statistics are of as few rows in training as they will be of.
        var rows = statistics is null
            ? tasks.SelectMany(task => set.Tasks[task]).Select(row => new Row { Features = set.Features[row], Target = set.Targets[row] })
            : tasks.SelectMany(task => Enumerable.Range(0, 3).SelectMany(_ =>
            {
                var drawn = FewShotTask.Of(set, task, set.Shots[random.Next(set.Shots.Length)], random.Next());
                var of = statistics.Of(drawn.Support);
                return drawn.Query.Take(60).Select(row => new Row { Features = statistics.Features(row, of), Target = set.Targets[row] });
            }));
        var width = set.FeatureCount + (statistics?.Count ?? 0);
        if (adaptation == Adaptation.Rows)
        {
            return new WithRows(set, ml, [.. rows], support => Trainer(ml, set, leaves, trees).Fit(View(ml, set, support, width)), width);
        }

        var model = Trainer(ml, set, leaves, trees).Fit(View(ml, set, [.. rows], width));
        return new Model(set, scale, statistics, ml, model, width, adaptation == Adaptation.Residual ? _strengths[setting] : null);
    }

    private IEstimator<ITransformer> Trainer(MLContext ml, TaskSet set, int leaves, int trees)
    {
        if (!set.IsClassification)
        {
            return library == "LightGBM"
                ? ml.Regression.Trainers.LightGbm("Target", numberOfLeaves: leaves, numberOfIterations: trees)
                : ml.Regression.Trainers.FastTree("Target", numberOfLeaves: leaves, numberOfTrees: trees);
        }

        return library == "LightGBM"
            ? ml.MulticlassClassification.Trainers.LightGbm("Class", numberOfLeaves: leaves, numberOfIterations: trees)
            : ml.MulticlassClassification.Trainers.OneVersusAll(
                ml.BinaryClassification.Trainers.FastTree("Class", numberOfLeaves: leaves, numberOfTrees: trees), "Class");
    }

    private static IDataView View(MLContext ml, TaskSet set, Row[] rows, int width)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        schema[nameof(Row.Class)].ColumnType = new KeyDataViewType(typeof(uint), set.Classes?.Length ?? 1);
        return ml.Data.LoadFromEnumerable(rows, schema);
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        public float Target { get; set; }

        /// <summary>LoadFromEnumerable takes keys from 0 and adds the 1 itself.</summary>
        [KeyType(1)]
        public uint Class => (uint)Target;
    }

    private sealed class Model(
        TaskSet set, Scale scale, SupportStatistics? statistics, MLContext ml, ITransformer model, int width, double? strength) : ITaskModel
    {
        public double[][] Predict(FewShotTask task)
        {
            var of = statistics?.Of(task.Support);
            var scores = Scores(task.Query, of);
            if (strength is not { } ridge)
            {
                return scores;
            }

            var left = Scores(task.Support, of).Zip(task.Support, (score, row) => new[] { scale.Y(row)[0] - scale.Scaled(score[0]) });
            var weights = Linear.Ridge(
                Linear.Inputs(scale, task.Support), MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfRowArrays(left), ridge);
            var corrections = (Linear.Inputs(scale, task.Query) * weights).Column(0);
            return [.. scores.Select((score, i) => scale.Unscaled([scale.Scaled(score[0]) + corrections[i]]))];
        }

        private double[][] Scores(int[] rows, double[]? of) => Score(
            model.Transform(View(
                ml, set, [.. rows.Select(
                    row => new Row { Features = statistics?.Features(row, of!) ?? set.Features[row], Target = set.Targets[row] })], width)),
            set);
    }

    private static double[][] Score(IDataView scored, TaskSet set) => set.IsClassification
        ? [.. scored.GetColumn<float[]>("Score").Select(score => Array.ConvertAll(score, value => (double)value))]
        : [.. scored.GetColumn<float>("Score").Select(score => new double[] { score })];

    /// <summary>A model of its own for every task.</summary>
    private sealed class WithRows(TaskSet set, MLContext ml, Row[] pooled, Func<Row[], ITransformer> train, int width) : ITaskModel
    {
        // A support row counts as much as so many others.
        private const int Weight = 10;

        public double[][] Predict(FewShotTask task)
        {
            Row[] Rows(int[] of) => Array.ConvertAll(of, row => new Row { Features = set.Features[row], Target = set.Targets[row] });
            var model = train([.. pooled, .. Enumerable.Repeat(Rows(task.Support), Weight).SelectMany(rows => rows)]);
            return Score(model.Transform(View(ml, set, Rows(task.Query), width)), set);
        }
    }
}
