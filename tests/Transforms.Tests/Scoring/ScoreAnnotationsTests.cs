using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>The columns of a model say about themselves what those of ML.NET's own trainers say.</summary>
public sealed class ScoreAnnotationsTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Columns_OfClasses_AreAnnotatedAsThoseOfMaximumEntropy()
    {
        using var learner = new TinyLearner().Load();
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b", "c"], 4));
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);

        AssertSame(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(data), model, data, "PredictedLabel", "Score");
    }

    [Fact]
    public void Columns_OfARegression_AreAnnotatedAsThoseOfSdca()
    {
        using var learner = new TinyLearner { Task = MetaTask.Regression, Outputs = 1 }.Load();
        var data = ManyTasks.View(_ml, ManyTasks.Sinusoids(1, 8));
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);

        AssertSame(_ml.Regression.Trainers.Sdca().Fit(data), model, data, "Score");
    }

    [Fact]
    public void Columns_OfBooleanLabels_AreAnnotatedAsThoseOfLogisticRegression()
    {
        using var learner = new TinyLearner { Classes = ["False", "True"] }.Load();
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(1, 12));
        var data = _ml.Transforms.CustomMapping<ManyTasks.Row, Answer>(
            (row, answer) => answer.IsAbove = row.Label > 0, null).Append(_ml.Transforms.CopyColumns("Label", "IsAbove"))
            .Fit(rows).Transform(rows);
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);

        AssertSame(
            _ml.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(data), model, data, "PredictedLabel", "Score", "Probability");
    }

    private static void AssertSame(
        ITransformer stock, FewShotPredictionTransformer model, IDataView data, params string[] columns)
    {
        var (expected, actual) = (stock.Transform(data).Schema, model.Transform(data).Schema);
        foreach (var column in columns)
        {
            foreach (var name in (string[])["ScoreColumnKind", "ScoreValueKind"])
            {
                Assert.Equal($"{column} {name} {Text(expected[column], name)}", $"{column} {name} {Text(actual[column], name)}");
            }

            foreach (var name in (string[])["SlotNames", "TrainingLabelValues", "KeyValues"])
            {
                if (expected[column].Annotations.Schema.GetColumnOrNull(name) is not null)
                {
                    Assert.Equal(Texts(expected[column], name), Texts(actual[column], name));
                }
            }

            uint id = 0;
            actual[column].Annotations.GetValue("ScoreColumnSetId", ref id);
            Assert.NotEqual(0u, id);
        }

        static string Text(DataViewSchema.Column column, string name)
        {
            ReadOnlyMemory<char> value = default;
            column.Annotations.GetValue(name, ref value);
            return value.ToString();
        }

        static string[] Texts(DataViewSchema.Column column, string name)
        {
            VBuffer<ReadOnlyMemory<char>> values = default;
            column.Annotations.GetValue(name, ref values);
            return [.. values.DenseValues().Select(value => value.ToString())];
        }
    }

    private sealed class Answer
    {
        public bool IsAbove { get; set; }
    }
}
