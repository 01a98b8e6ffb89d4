using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Standardisation outside of the forward graph.</summary>
public sealed class QueryStandardizerTests
{
    private const int Features = 11;

    private static ModelProto Forward => LearnerGraph.Forward(new TinyLearner { Features = Features }.Model());

    [Fact]
    public void TakeOut_StandardisationAtTheEntrance_LeavesTheRest()
    {
        var (rest, standardizer) = QueryStandardizer.TakeOut(Forward, Features);

        Assert.NotNull(standardizer);
        Assert.Equal(["MatMul", "Add", "Softmax"], rest.Graph.Node.Select(node => node.OpType));
        Assert.Equal("query_features", rest.Graph.Node[0].Input[0]);
    }

    [Fact]
    public void Apply_Rows_RoundsAsTheGraph()
    {
        var learner = new TinyLearner { Features = Features };
        var standardizer = QueryStandardizer.TakeOut(Forward, Features).Standardizer!;
        var random = new Random(1);
        float[] rows = [.. Enumerable.Range(0, 3 * Features).Select(_ => 10 * random.NextSingle() - 5)];
        var expected = rows.Select((x, i) => (x - learner.FeatureMeans.ElementAt(i % Features)) / learner.FeatureScales.ElementAt(i % Features)).ToArray();

        var result = new float[rows.Length];
        standardizer.Apply(rows, result);

        Assert.Equal(expected, result);
    }

    [Theory]
    [InlineData("another reader")]
    [InlineData("no constant")]
    [InlineData("one number for all")]
    [InlineData("reversed")]
    public void TakeOut_AnythingElse_LeavesTheGraphAlone(string how)
    {
        var model = Forward;
        var subtraction = model.Graph.Node.First(node => node.OpType == "Sub");
        switch (how)
        {
            case "another reader":
                model.Graph.Node.Add(Node("Neg", ["query_features"], ["negative"]));
                break;
            case "no constant":
                subtraction.Input[1] = "adapted.bias";
                break;
            case "one number for all":
                model.Graph.Initializer.Add(OnnxTensors.Float("zero", 0));
                subtraction.Input[1] = "zero";
                break;
            default:
                (subtraction.Input[0], subtraction.Input[1]) = (subtraction.Input[1], subtraction.Input[0]);
                break;
        }

        var (rest, standardizer) = QueryStandardizer.TakeOut(model, Features);

        Assert.Null(standardizer);
        Assert.Same(model, rest);
    }
}
