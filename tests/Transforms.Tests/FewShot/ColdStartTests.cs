using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>A support set without rows: the learner before any adaptation.</summary>
public sealed class ColdStartTests
{
    private static readonly FewShotTrainer.Options _cold = new() { AllowEmptySupport = true };
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Fit_NoRows_PredictsAsBeforeAnyStep()
    {
        using var shared = new TinyLearner { Classes = ["a", "b"] }.Load();
        using var regression = new TinyLearner { Task = MetaTask.Regression, Outputs = 2 }.Load();
        var classes = Blobs.View(_ml, Blobs.Classes(["a", "b"], 4));
        var keyed = _ml.MetaLearning().MapLabelToKey(shared).Fit(classes).Transform(classes);
        var targets = Blobs.View(_ml, Blobs.Targets(4, outputs: 2), outputs: 2);

        AssertSame(shared, keyed);
        AssertSame(regression, targets);
    }

    [Fact]
    public void Fit_NoRowsAndNotAllowed_NamesTheOption()
    {
        using var regression = new TinyLearner { Task = MetaTask.Regression }.Load();
        var none = Empty(Blobs.View(_ml, Blobs.Targets(4)));

        var error = Assert.Throws<InvalidOperationException>(() => _ml.MetaLearning().FewShot(regression).Fit(none));

        Assert.Contains("AllowEmptySupport = true", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_NoRowsOfNewClasses_IsRefused()
    {
        using var episodes = new TinyLearner().Load();
        var none = Empty(Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 4)));

        var error = Assert.Throws<InvalidOperationException>(() => _ml.MetaLearning().FewShot(episodes, _cold).Fit(none));

        Assert.Contains("classes are those of the support rows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_NoRowsForParametersThatStartFromThem_IsRefused()
    {
        var model = new TinyLearner { Classes = ["a", "b"] }.Model();
        var loop = model.Graph.Node.Single(node => node.OpType == "Loop");
        model.Graph.Node.Insert(model.Graph.Node.IndexOf(loop), OnnxNodes.Node("MatMul", ["x_transposed", "targets"], ["from_rows"]));
        loop.Input[2] = "from_rows";
        using var learner = Learner.Load(LearnerFile.Write(model));
        var classes = Blobs.View(_ml, Blobs.Classes(["a", "b"], 4));

        var error = Assert.Throws<InvalidOperationException>(() =>
            _ml.MetaLearning().FewShot(learner, _cold).Fit(
                Empty(_ml.MetaLearning().MapLabelToKey(learner).Fit(classes).Transform(classes))));

        Assert.Contains("start from the support rows", error.Message, StringComparison.Ordinal);
    }

    private void AssertSame(Learner learner, IDataView rows)
    {
        using var cold = _ml.MetaLearning().FewShot(learner, _cold).Fit(Empty(rows));
        using var before = _ml.MetaLearning().FewShot(learner, new FewShotTrainer.Options { Steps = 0 }).Fit(rows);

        Assert.Equal(before.Transform(rows).GetColumn<float[]>("Score"), cold.Transform(rows).GetColumn<float[]>("Score"));
    }

    private IDataView Empty(IDataView rows) => _ml.Data.SkipRows(rows, 1000);
}
