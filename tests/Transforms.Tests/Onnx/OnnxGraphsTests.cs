using Google.Protobuf;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms.Tests;

public sealed class OnnxGraphsTests
{
    [Fact]
    public void Cut_AdaptationGraph_KeepsWhatTheLoopBodyReads()
    {
        var part = OnnxGraphs.Cut(new TinyLearner().Model(), ["support_features", "support_labels", "steps"], ["adapted.weights"]);

        Assert.Equal(["support_features", "support_labels", "steps"], part.Graph.Input.Select(input => input.Name));
        // Read by the loop's body alone.
        Assert.Contains(part.Graph.Node, node => node.Output.Contains("x_transposed"));
        Assert.Contains(part.Graph.Initializer, tensor => tensor.Name == "axis_zero");
        Assert.DoesNotContain(part.Graph.Node, node => node.Output.Contains("scores"));
    }

    [Fact]
    public void Cut_ForwardGraph_HoldsNoAdaptation()
    {
        var part = OnnxGraphs.Cut(new TinyLearner().Model(), ["query_features", "adapted.weights", "adapted.bias"], ["scores"]);

        Assert.DoesNotContain(part.Graph.Node, node => node.OpType is "Loop" or "OneHot");
        Assert.Equal(["mean", "scale"], part.Graph.Initializer.Select(tensor => tensor.Name));
        Assert.Equal(17, part.OpsetImport.Single().Version);
    }

    [Fact]
    public void Cut_WithoutANeededInput_NamesIt()
    {
        var error = Assert.Throws<FormatException>(
            () => OnnxGraphs.Cut(new TinyLearner().Model(), ["support_features", "steps"], ["adapted.bias"]));

        Assert.Contains("'support_labels'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_UndeclaredOutput_NamesIt()
    {
        var error = Assert.Throws<FormatException>(() => OnnxGraphs.Cut(new TinyLearner().Model(), [], ["nothing"]));

        Assert.Contains("'nothing'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_Model_StaysAsItWas()
    {
        var model = new TinyLearner().Model();
        var before = model.Clone();

        var part = OnnxGraphs.Cut(model, ["query_features", "adapted.weights", "adapted.bias"], ["scores"]);
        OnnxGraphs.Rename(part, name => "other/" + name);

        Assert.Equal(before, model);
    }

    [Fact]
    public void Rename_LoopBody_FollowsTheOuterNames()
    {
        var renamed = OnnxGraphs.Rename(new TinyLearner().Model(), name => "r/" + name);

        var loop = renamed.Graph.Node.Single(node => node.OpType == "Loop");
        Assert.Equal("", loop.Input[1]);
        Assert.Equal(["r/x", "r/targets", "r/rows", "r/x_transposed", "r/axis_zero"], OnnxGraphs.OuterNames(loop.Attribute.Single().G));
    }

    [Fact]
    public void Fix_Input_BecomesAConstant()
    {
        var model = OnnxGraphs.Cut(new TinyLearner().Model(), ["query_features", "adapted.weights", "adapted.bias"], ["scores"]);

        var fixedModel = OnnxGraphs.Fix(model, [OnnxTensors.Float("adapted.bias", [2], [1, 2])]);

        Assert.Equal(["query_features", "adapted.weights"], fixedModel.Graph.Input.Select(input => input.Name));
        Assert.Contains(fixedModel.Graph.Initializer, tensor => tensor.Name == "adapted.bias");
        Assert.Throws<ArgumentException>(() => OnnxGraphs.Fix(model, [OnnxTensors.Float("scale", 1)]));
    }

    [Fact]
    public void OuterNames_NestedBodies_AreSearched()
    {
        var inner = new GraphProto { Node = { Node("Add", ["far", "near"], ["sum"]) }, Output = { OnnxValues.Float("sum") } };
        var outer = new GraphProto
        {
            Node = { Node("Identity", ["source"], ["near"]), Node("If", ["condition"], ["result"], Graph("then_branch", inner)) },
            Output = { OnnxValues.Float("result") },
        };

        Assert.Equal(["source", "condition", "far"], OnnxGraphs.OuterNames(outer));
    }

    [Fact]
    public void Float_WrongLength_PrintsShapeAndLength()
    {
        var error = Assert.Throws<ArgumentException>(() => OnnxTensors.Float("w", [2, 3], [1, 2]));

        Assert.Contains("'w' of shape [2, 3] holds 6 elements, got 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToFloats_RawAndListed_AreRead()
    {
        var listed = new TensorProto { FloatData = { 1, 2 } };

        Assert.Equal([1, 2], OnnxTensors.ToFloats(listed));
        Assert.Equal([1, 2], OnnxTensors.ToFloats(OnnxTensors.Float("raw", [2], [1, 2])));
    }

    [Fact]
    public void UnknownFields_OfANewerFormat_SurviveTheCut()
    {
        // Field 200 of NodeProto does not exist in the messages here; a newer exporter may write it.
        var model = new TinyLearner().Model();
        var node = model.Graph.Node.Single(candidate => candidate.Output.Contains("qw"));
        model.Graph.Node[model.Graph.Node.IndexOf(node)] = NodeProto.Parser.ParseFrom([.. node.ToByteArray(), 0xC0, 0x0C, 0x07]);

        var part = OnnxGraphs.Cut(model, ["query_features", "adapted.weights", "adapted.bias"], ["scores"]);

        Assert.Contains(part.Graph.Node, candidate => candidate.ToByteArray().AsSpan().EndsWith(new byte[] { 0xC0, 0x0C, 0x07 }));
    }
}
