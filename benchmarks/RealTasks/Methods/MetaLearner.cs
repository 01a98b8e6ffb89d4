using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.RealTasks.Methods;

/// <summary>A meta-trained learner, used as an app uses it: <c>Fit</c> on the history, <c>FewShot</c> on a task's rows.</summary>
/// <param name="name">Its name in the table.</param>
/// <param name="regression">The trainer for numbers; its task column is "Task".</param>
/// <param name="classification">The trainer for classes.</param>
internal sealed class MetaLearner(
    string name, Func<MLContext, IEstimator<LearnerTransformer>> regression, Func<MLContext, IEstimator<LearnerTransformer>> classification)
    : IMethod
{
    public string Name => name;

    public IReadOnlyList<string> Settings { get; } = ["untuned"];

    public bool Serves(TaskSet set) => true;

    public ITaskModel Fit(TaskSet set, int[] tasks, int setting, int seed)
    {
        var ml = new MLContext(seed);
        var history = View(ml, set, [.. tasks.SelectMany(task => set.Tasks[task].Select(row => RowOf(set, row, task)))]);
        var trainer = set.IsClassification ? classification(ml) : regression(ml);
        return new Model(ml, set, trainer.Fit(history).Learner);
    }

    // LoadFromEnumerable takes keys from 0 and adds the 1 itself.
    private static Row RowOf(TaskSet set, int row, int task) => set.IsClassification
        ? new ClassRow { Features = set.Features[row], Task = task, Label = (uint)set.Targets[row] }
        : new NumberRow { Features = set.Features[row], Task = task, Label = set.Targets[row] };

    private static IDataView View(MLContext ml, TaskSet set, Row[] rows)
    {
        var schema = SchemaDefinition.Create(set.IsClassification ? typeof(ClassRow) : typeof(NumberRow));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, set.FeatureCount);
        if (set.Classes is { } classes)
        {
            schema[nameof(ClassRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), classes.Length);
            return ml.Data.LoadFromEnumerable(rows.Cast<ClassRow>(), schema);
        }

        return ml.Data.LoadFromEnumerable(rows.Cast<NumberRow>(), schema);
    }

    private abstract class Row
    {
        public float[] Features { get; set; } = [];

        public int Task { get; set; }
    }

    private sealed class NumberRow : Row
    {
        public float Label { get; set; }
    }

    private sealed class ClassRow : Row
    {
        [KeyType(1)]
        public uint Label { get; set; }
    }

    private sealed class Model(MLContext ml, TaskSet set, Learner learner) : ITaskModel
    {
        public double? Milliseconds { get; private set; }

        public double[][] Predict(FewShotTask task)
        {
            var support = View(ml, set, [.. task.Support.Select(row => RowOf(set, row, 0))]);
            var start = Stopwatch.GetTimestamp();
            using var model = ml.MetaLearning().FewShot(learner).Fit(support);
            Milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            var scored = model.Transform(View(ml, set, [.. task.Query.Select(row => RowOf(set, row, 0))]));
            if (set.IsClassification)
            {
                return [.. scored.GetColumn<float[]>("Score").Select(score => Array.ConvertAll(score, value => (double)value))];
            }

            float[][] columns = [
                .. ((string[])["Score", "LowerBound", "UpperBound"]).Select(name => scored.GetColumn<float>(name).ToArray())];
            return [.. Enumerable.Range(0, task.Query.Length).Select(row => Array.ConvertAll(columns, column => (double)column[row]))];
        }
    }
}
