using Google.Protobuf;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Files whose checksum is right and whose graph was made to do harm: all are refused before ONNX Runtime gets them.</summary>
public sealed class HostileLearnerTests
{
    private static readonly Dictionary<string, Action<ModelProto>> _damage = new()
    {
        ["in another file"] = model => External(model.Graph.Initializer.Single(tensor => tensor.Name == "mean")),
        ["in another file, in the loop"] = model => External(Body(model).Initializer.Single()),
        ["in another file, in an attribute"] = model =>
            Find(model, "ConstantOfShape").Attribute.Add(Tensor("value", External(OnnxTensors.Float("v", 0)))),
        ["holds 1 numbers"] = model => model.Graph.Initializer.Single(tensor => tensor.Name == "axis_zero").Dims[0] = 1 << 28,
        ["holds 2 numbers"] = model =>
        {
            var mean = model.Graph.Initializer.Single(tensor => tensor.Name == "mean");
            mean.Dims.Clear();
            mean.Dims.AddRange([-1, -2]);
        },
        ["is of type Double"] = model => model.Graph.Initializer.Add(OnnxTensors.Double("d", [1], [0])),
        ["has no name"] = model => Find(model, "Loop").Output[1] = "",
        ["does not run over the inner steps"] = model => Find(model, "Loop").Input[0] = "one",
        ["does not run over the inner steps: condition"] = model => Find(model, "Loop").Input[1] = "one",
        ["does not run over the inner steps: body"] = model => Body(model).Node[0].OpType = "Not",
        ["does not run over the inner steps: outputs"] = model => Find(model, "Loop").Output.RemoveAt(1),
        ["does not run over the inner steps: nested"] = model => Body(model).Node.Add(Find(model, "Loop").Clone()),
        ["the operator 'NoSuchOperator'"] = model => Find(model, "Softmax").OpType = "NoSuchOperator",
        ["the operator 'If'"] = model => model.Graph.Node.Add(Node("If", ["one"], ["both"], Graph("then_branch", new GraphProto()))),
        ["the operator 'com.microsoft.MatMul'"] = model => Find(model, "MatMul").Domain = "com.microsoft",
        ["the attribute 'other'"] = model => Find(model, "Add").Attribute.Add(Graph("other", new GraphProto())),
        ["functions"] = model => model.Functions.Add(new FunctionProto()),
        ["sparse"] = model => model.Graph.SparseInitializer.Add(new SparseTensorProto()),
        ["operator sets"] = model => model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx.ml", Version = 3 }),
        ["not a tensor of Float"] = model => model.Graph.Output[0].Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Double,
        ["'adapted.bias' is not of type Float"] = model =>
            model.Graph.Output[1].Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Int64,
        ["unknown output 'x'"] = model => model.Graph.Output.Add(OnnxValues.Float("x", "support", 2)),
        ["unknown input 'more'"] = model => model.Graph.Input.Add(OnnxValues.Float("more", 2)),
        ["have the name 'x_transposed'"] = model => Find(model, "Shape").Output[0] = "x_transposed",
        ["not computed before"] = model => Find(model, "Transpose").Input[0] = "scores",
        ["Scan has other inputs or outputs"] = model =>
            model.Graph.Node.Add(Node("Scan", ["x"], ["y", "z"], Graph("body", ScanBody()), Int("num_scan_inputs", 1))),
        ["takes 100001 inner steps"] = model => model.MetadataProps.Single(property => property.Key == "mlnetmeta.steps").Value = "100001",
        ["'mlnetmeta.features'"] = model =>
            model.MetadataProps.Single(property => property.Key == "mlnetmeta.features").Value = "2000000000",
        ["'mlnetmeta.network' is not a JSON"] = model =>
            model.MetadataProps.Single(property => property.Key == "mlnetmeta.network").Value = "[1]",
        ["'mlnetmeta.standardization' is not a JSON object"] = model =>
            Standardization(model).Value = """{"mean":"mean","scale":"scale"}""",
        ["'mlnetmeta.standardization' is not a JSON object: a name more"] = model =>
            Standardization(model).Value = Declared("q", more: ",\"more\":1"),
        ["'mlnetmeta.standardization' is not a JSON object: no name"] = model =>
            Standardization(model).Value = Declared("q").Replace("\"q\"", "null", StringComparison.Ordinal),
        ["'none' is not a constant of 2"] = model => Standardization(model).Value = Declared("q", scale: "none"),
        ["'one' is not a constant of 2"] = model => Standardization(model).Value = Declared("q", scale: "one"),
        ["'off_on' is not computed from"] = model => Standardization(model).Value = Declared("off_on"),
        ["'rate' is not a constant of 2"] = model => Standardization(model).Value = Declared("q", scale: "rate"),
        ["'scale' is not a constant of 2 finite"] = model => Replace(model, OnnxTensors.Float("scale", [2], [1, float.NaN])),
        ["'mean' is not a constant of 2 finite"] = model => Replace(model, OnnxTensors.Float("mean", [2, 1], [1, 2])),
        ["'mean' is not a constant of 2 finite numbers: more"] = model => Replace(model, OnnxTensors.Float("mean", [2, 2], [1, 2, 3, 4])),
        ["'x' is not computed from the query features"] = model => Standardization(model).Value = Declared("x"),
        ["'logits' is not computed from the query features"] = model => Standardization(model).Value = Declared("logits"),
        ["'scores' is not computed from the query features"] = model => Standardization(model).Value = Declared("scores"),
        ["'q' is not computed from the query features"] = model => Standardization(model).Value = Declared("q", scale: "mean"),
        ["'nowhere' is not computed from"] = model => Standardization(model).Value = Declared("nowhere"),
        ["also depend on 'query_features'"] = model =>
        {
            model.Graph.Node.Insert(
                model.Graph.Node.Count - 1, Node("ReduceMax", ["query_features"], ["most"], Ints("axes", 1), Int("keepdims", 1)));
            model.Graph.Node.Insert(model.Graph.Node.Count - 1, Node("Add", ["logits", "most"], ["shifted"]));
            model.Graph.Node.Single(node => node.OpType == "Softmax").Input[0] = "shifted";
        },
    };

    public static TheoryData<string> Names => [.. _damage.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_Hostile_IsRefused(string name)
    {
        var model = new TinyLearner().Model();
        _damage[name](model);

        var error = Assert.ThrowsAny<Exception>(() => Learner.Load(LearnerFile.Write(model)));

        Assert.True(error is FormatException or NotSupportedException, error.ToString());
        Assert.Contains(name.Split(", ")[0].Split(": ")[0], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AsItIs_Works()
    {
        using var learner = Learner.Load(LearnerFile.Write(new TinyLearner().Model()));
    }

    [Fact]
    public void Load_BeyondALimit_NamesIt()
    {
        var file = new TinyLearner { Steps = 200_000 }.File();
        Learner.Options With(Learner.Limits limits) => new() { Limits = limits };
        var steps = new Learner.Limits { Steps = 200_000 };

        using (Learner.Load(file, With(steps)))
        {
        }

        Refused("Steps", With(new()));
        Refused("Nodes", With(steps with { Nodes = 10 }));
        Refused("FileSize", With(steps with { FileSize = file.Length - 1 }));

        void Refused(string name, Learner.Options options)
        {
            using var stream = new MemoryStream(file);
            var error = Assert.Throws<NotSupportedException>(() => Learner.Load(stream, options));
            Assert.Contains($"{name} = …", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Limits_OutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Learner.Limits { Steps = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Learner.Limits { Nodes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Learner.Limits { FileSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Learner.Limits { FileSize = 1L << 32 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Learner.Limits { AdaptationTime = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Learner.Limits { AdaptationTime = TimeSpan.FromDays(50) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Learner.Options { NumberOfThreads = 257 });
    }

    [Fact]
    public void Load_FieldsThatAreNotKnown_DoNotReachOnnxRuntime()
    {
        // Field 200 of a node, which this library does not know.
        var model = new TinyLearner().Model();
        var node = Find(model, "Transpose");
        model.Graph.Node[model.Graph.Node.IndexOf(node)] = NodeProto.Parser.ParseFrom([.. node.ToByteArray(), 0xC0, 0x0C, 0x07]);

        using var learner = Learner.Load(LearnerFile.Write(model));

        Assert.DoesNotContain(
            LearnerFile.Read(learner.File.ToArray()).Model.Graph.Node,
            candidate => candidate.ToByteArray().AsSpan().EndsWith(new byte[] { 0xC0, 0x0C, 0x07 }));
    }

    private static NodeProto Find(ModelProto model, string operation) =>
        model.Graph.Node.Concat(Body(model).Node).First(node => node.OpType == operation);

    private static StringStringEntryProto Standardization(ModelProto model) =>
        model.MetadataProps.Single(property => property.Key == "mlnetmeta.standardization");

    private static string Declared(string result, string scale = "scale", string more = "") =>
        $$"""{"mean":"mean","scale":"{{scale}}","result":"{{result}}"{{more}}}""";

    private static void Replace(ModelProto model, TensorProto tensor)
    {
        model.Graph.Initializer.Remove(model.Graph.Initializer.Single(candidate => candidate.Name == tensor.Name));
        model.Graph.Initializer.Add(tensor);
    }

    private static GraphProto Body(ModelProto model) => model.Graph.Node.Single(node => node.OpType == "Loop").Attribute.Single().G;

    private static GraphProto ScanBody() => new()
    {
        Input = { OnnxValues.Float("row", 2) },
        Node = { Node("Identity", ["row"], ["same"]) },
        Output = { OnnxValues.Float("same", 2) },
    };

    private static TensorProto External(TensorProto tensor)
    {
        tensor.ClearRawData();
        tensor.DataLocation = 1;
        return tensor;
    }
}
