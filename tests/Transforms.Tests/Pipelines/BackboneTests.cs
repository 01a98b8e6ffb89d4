using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms.Tests;

/// <summary>A pretrained network in front of a trainer: in the pipeline, in the saved model and in the exported one.</summary>
public sealed class BackboneTests : IDisposable
{
    private const int Inputs = 2 * 4 * 4, Units = 3;

    private const float Tolerance = 1e-4f;

    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();
    private readonly Row[] _rows =
    [
        .. Enumerable.Range(0, 12).Select(i => new Row
        {
            Features = [.. Enumerable.Range(0, Inputs).Select(j => ((i * 31) + (j * 7)) % 11 / 5f - 1)], Kind = i % 2 == 0 ? "yes" : "no",
        }),
    ];

    public void Dispose() => _folder.Dispose();

    /// <summary>Operator set, length of the first axis (null: free) and how the network ends.</summary>
    public static TheoryData<long, int?, string> Networks => new()
    {
        { 8, 1, "pool" }, { 7, 1, "clip" }, { 8, 1, "split" }, { 8, 1, "dropout" }, { 8, null, "pool" },
        { 17, 1, "pool" }, { 17, null, "pool" },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Backbone_BeforeATrainer_IsSavedAndExportedWithTheModel(long operatorSet, int? rows, string end)
    {
        using var learner = new TinyLearner { Features = Units }.Load();
        using var model = Chain(learner, Write(Network(operatorSet, rows, end)));
        var data = Data();
        var expected = Scores(model, data);

        _ml.Model.Save(model, data.Schema, _folder.File("model.zip"));
        Assert.Equal(expected, Scores(_ml.MetaLearning().LoadModel(_folder.File("model.zip"), out _), data));

        _ml.MetaLearning().SaveAsOnnx(model, data.Schema, _folder.File("model.onnx"));
        using var session = new InferenceSession(_folder.File("model.onnx"));
        Assert.Equal(["Features"], session.InputNames);
        using var feed = OrtValue.CreateTensorValueFromMemory(_rows.SelectMany(row => row.Features).ToArray(), [_rows.Length, Inputs]);
        using var options = new RunOptions();
        using var results = session.Run(options, ["Features"], [feed], ["Score"]);
        Assert.All(
            results[0].GetTensorDataAsSpan<float>().ToArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, Tolerance));
    }

    [Fact]
    public void Backbone_Embeds_AsOnnxRuntimeDoes()
    {
        var path = Write(Network(8, 1, "pool"));
        var embedded = _ml.MetaLearning().Backbone(path).Fit(Data()).Transform(Data());

        Assert.Equal(
            ["Features"], embedded.Schema.Where(column => !column.IsHidden && column.Name != "Kind").Select(column => column.Name));
        using var session = new InferenceSession(path);
        using var options = new RunOptions();
        var column = embedded.GetColumn<float[]>("Features").ToArray();
        for (var row = 0; row < _rows.Length; row++)
        {
            using var feed = OrtValue.CreateTensorValueFromMemory(_rows[row].Features, [1, 2, 4, 4]);
            using var results = session.Run(options, ["pixels"], [feed], ["embedding"]);
            Assert.Equal(results[0].GetTensorDataAsSpan<float>().ToArray(), column[row]);
        }
    }

    [Fact]
    public void Backbone_WithTwoOutputs_TakesTheOneThatIsNamed()
    {
        var network = Network(17, null, "pool");
        network.Graph.Output.Add(OnnxValues.Float("rectified", "N", Units, 4, 4));
        var path = Write(network);

        var error = Assert.Throws<ArgumentException>(() => _ml.MetaLearning().Backbone(path));
        Assert.Contains("'embedding', 'rectified'. Set output to the one that is the embedding", error.Message, StringComparison.Ordinal);
        var column = _ml.MetaLearning().Backbone(path, output: "rectified").Fit(Data()).Transform(Data()).Schema["Features"];
        Assert.Equal(Units * 16, ((VectorDataViewType)column.Type).Size);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "inputs", "has 2 inputs ('pixels', 'more'): it must have one" },
        { "unknown size", "has the input 'pixels' of Float [N, 2, H, 4]: expected Float [rows, …] with known sizes" },
        { "output", "has no output 'logits'. Its outputs are 'embedding'" },
        { "external", "weights in other files" },
        { "integers", "has the input 'pixels' of Int64" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Backbone_ThatATrainerCannotUse_IsRefused(string fault, string message)
    {
        var network = Network(17, null, "pool");
        var input = network.Graph.Input[0];
        switch (fault)
        {
            case "inputs":
                network.Graph.Input.Add(OnnxValues.Float("more", "N", Units, 1, 1));
                network.Graph.Node[^1].Output[0] = "pooled";
                network.Graph.Node.Add(Node("Add", ["pooled", "more"], ["embedding"]));
                break;
            case "unknown size":
                input.Type.TensorType.Shape.Dim[2] = new TensorShapeProto.Types.Dimension { DimParam = "H" };
                break;
            case "external":
                network.Graph.Initializer[0].DataLocation = 1;
                break;
            case "integers":
                input.Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Int64;
                network.Graph.Node.Insert(0, Node("Cast", ["pixels"], ["floats"], Int("to", 1)));
                network.Graph.Node[1].Input[0] = "floats";
                break;
        }

        var path = Write(network);
        var error = Assert.ThrowsAny<Exception>(() => _ml.MetaLearning().Backbone(path, output: fault == "output" ? "logits" : null));
        Assert.True(error is NotSupportedException or ArgumentException, error.ToString());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backbone_OfNoFile_OrADamagedOne_IsRefused()
    {
        Assert.Throws<FileNotFoundException>(() => _ml.MetaLearning().Backbone(_folder.File("none.onnx")));
        File.WriteAllText(_folder.File("text.onnx"), "no model");
        Assert.Throws<FormatException>(() => _ml.MetaLearning().Backbone(_folder.File("text.onnx")));
    }

    [Fact]
    public void SaveAsOnnx_NetworkThatTakesOneRowOnly_IsRefused()
    {
        using var learner = new TinyLearner { Features = Units }.Load();
        using var model = Chain(learner, Write(Network(17, 1, "mean over rows")));

        var error = Assert.Throws<NotSupportedException>(
            () => _ml.MetaLearning().SaveAsOnnx(model, Data().Schema, _folder.File("model.onnx")));

        Assert.Contains("one row at a time", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("model.onnx")));
    }

    /// <summary>Convolution, batch normalisation, ReLU, and a mean over positions.</summary>
    private static ModelProto Network(long operatorSet, int? rows, string end)
    {
        var random = new Random(5);
        var graph = new GraphProto { Name = "network" };
        object first = rows is { } fixedRows ? fixedRows : "N";
        graph.Input.Add(OnnxValues.Float("pixels", first, 2, 4, 4));
        graph.Output.Add(OnnxValues.Float("embedding", first, Units, 1, 1));
        Constant("kernel", Units, 2, 3, 3);
        Constant("scale", Units);
        Constant("shift", Units);
        Constant("mean", Units);
        graph.Initializer.Add(OnnxTensors.Float("variance", [Units], [0.5f, 1, 2]));
        graph.Node.Add(Node("Conv", ["pixels", "kernel"], ["convolved"], Ints("pads", 1, 1, 1, 1)));
        var normalization = Node("BatchNormalization", ["convolved", "scale", "shift", "mean", "variance"], ["normalized"]);
        graph.Node.Add(normalization);
        if (operatorSet < 9)
        {
            normalization.Attribute.Add(Int("spatial", 1));
        }

        NodeProto[] between = end switch
        {
            "clip" => [Node("Clip", ["normalized"], ["rectified"], Float("min", 0), Float("max", 6))],
            "dropout" => [Node("Dropout", ["normalized"], ["kept"], Float("ratio", 0.5f)), Node("Relu", ["kept"], ["rectified"])],
            "split" =>
            [
                Node("Split", ["normalized"], ["one", "two"], Int("axis", 1), Ints("split", 1, 2)),
                Node("Concat", ["two", "one"], ["turned"], Int("axis", 1)), Node("Relu", ["turned"], ["rectified"]),
            ],
            _ => [Node("Relu", ["normalized"], ["rectified"])],
        };
        graph.Node.AddRange(between);
        graph.Node.Add(end == "mean over rows"
            ? Node("ReduceMean", ["rectified"], ["embedding"], Ints("axes", 0, 2, 3), Int("keepdims", 1))
            : Node("AveragePool", ["rectified"], ["embedding"], Ints("kernel_shape", 4, 4)));
        var model = OnnxModels.Create(graph);
        model.OpsetImport[0].Version = operatorSet;
        return model;

        void Constant(string name, params long[] shape) => graph.Initializer.Add(OnnxTensors.Float(
            name, shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextSingle() - 0.4f)]));
    }

    private static AttributeProto Float(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    private string Write(ModelProto model)
    {
        var path = _folder.File($"{Guid.NewGuid()}.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }

    private IDataView Data() => _ml.Data.LoadFromEnumerable(_rows);

    private TransformerChain<FewShotPredictionTransformer> Chain(Learner learner, string path) =>
        _ml.MetaLearning().Backbone(path)
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind)))
            .Append(_ml.MetaLearning().FewShot(learner)).Fit(Data());

    private static float[] Scores(ITransformer model, IDataView data) =>
        [.. model.Transform(data).GetColumn<float[]>("Score").SelectMany(row => row)];

    private sealed class Row
    {
        [VectorType(Inputs)]
        public float[] Features { get; set; } = [];

        public string Kind { get; set; } = "";
    }
}
