using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

public sealed class FewShotRegressionTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Fit_OneOutput_ScoresAScalar()
    {
        var tiny = new TinyLearner { Task = MetaTask.Regression, Steps = 200 };
        using var learner = tiny.Load();
        var rows = Blobs.Targets(10);
        var data = Blobs.View(_ml, rows);

        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);

        var scored = model.Transform(data);
        Assert.Equal(NumberDataViewType.Single, scored.Schema["Score"].Type);
        Assert.Null(scored.Schema.GetColumnOrNull("PredictedLabel"));
        Assert.Empty(model.Classes);
        var oracle = new TinyOracle(tiny, [.. rows.Select(row => row.Features)], [.. rows.Select(row => row.Label)], 200);
        Assert.All(
            scored.GetColumn<float>("Score").Zip(rows),
            pair => Assert.Equal(oracle.Score(pair.Second.Features)[0], pair.First, 1e-4));
    }

    [Fact]
    public void Fit_TwoOutputs_ScoresAVector()
    {
        using var learner = new TinyLearner { Task = MetaTask.Regression, Outputs = 2, Steps = 2000 }.Load();
        var rows = Blobs.Targets(10, outputs: 2);
        var data = Blobs.View(_ml, rows, outputs: 2);

        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);

        var scored = model.Transform(data);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2), scored.Schema["Score"].Type);
        // The task is linear, so enough steps learn it exactly.
        Assert.All(scored.GetColumn<float[]>("Score").Zip(rows), pair => Assert.Equal(pair.Second.Label[1], pair.First[1], 1e-2f));
    }

    [Fact]
    public void Fit_ScalarColumns_AreTaken()
    {
        using var learner = new TinyLearner { Task = MetaTask.Regression, Features = 1, Steps = 500 }.Load();
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 5).Select(i => new Point { X = i / 4f, Y = 2 * i / 4f - 1 }));

        using var model = _ml.MetaLearning().FewShot(learner, "Y", "X").Fit(data);

        Assert.All(
            model.Transform(data).GetColumn<float>("Score").Zip(data.GetColumn<float>("Y")),
            pair => Assert.Equal(pair.Second, pair.First, 1e-2f));
    }

    private sealed class Point
    {
        public float X { get; set; }

        public float Y { get; set; }
    }
}
