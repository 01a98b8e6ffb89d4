using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Transforms.Tests;

/// <summary>What the exporter cannot express comes from a model that another converter made, merged into the same file.</summary>
public sealed class UpstreamOnnxTests : IDisposable
{
    private const float Float32Tolerance = 1e-4f;

    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();
    private readonly Row[] _rows = [.. Enumerable.Range(0, 30).Select(i => new Row
    {
        Age = i % 7 - 2.5f,
        City = new[] { "Oslo", "Köln", "Lima" }[i % 3],
        Signal = [i % 4, 0.5f * (i % 9), -i % 6],
        Kind = i % 2 == 0 ? "yes" : "no",
    })];

    public static TheoryData<string, string> Refused => new()
    {
        { "type", "'Hidden' is Int64 [?, 1], but replaces the column 'Hidden' of type Single: expected float [rows, 1]" },
        { "width", "'Hidden' is Single [?, 2]" },
        { "unknown shape", "'Hidden' is Single of unknown shape" },
        { "fixed rows", "first dimension" },
        { "operator set 6", "operator set 6; 7 and later" },
        { "softmax of old", "Softmax differs from operator set" },
        { "reduction of today", "ONNX Runtime rejects the upstream model merged" },
        { "other outputs", "Its outputs are 'one', 'two', and the pipeline needs one of 'Features'" },
        { "another shape of the same input",
            "'Age' is Float [rows], but the rest of the pipeline reads a column of that name as Float [rows, 1]" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("the column")]
    [InlineData("the column, as ML.NET's converter calls it")]
    [InlineData("the column, said so")]
    [InlineData("the column, without the axis of slots")]
    [InlineData("the features")]
    [InlineData("operator set 11")]
    [InlineData("operator set 20")]
    [InlineData("traditional operators")]
    public void SaveAsOnnx_Upstream_PredictsWhatMLNetPredicts(string name)
    {
        using var learner = new TinyLearner { Features = 5 }.Load();
        using var model = Chain(learner);
        var columns = name == "the column, said so" ? new Dictionary<string, string> { ["Hidden"] = "odd" } : null;
        var upstream = UpstreamOnnx.Load(Upstream(name), columns);

        AssertSame(model, upstream);
    }

    [Fact]
    public void SaveAsOnnx_UpstreamThatMakesKeys_IsTakenAsKeys()
    {
        using var learner = new TinyLearner { Features = 11 }.Load();
        var data = Data();
        using var model = _ml.Transforms.Conversion.Hash("Place", nameof(Row.City), numberOfBits: 3)
            .Append(_ml.Transforms.Conversion.MapKeyToVector("Place"))
            .Append(_ml.Transforms.Concatenate("Features", "Place", nameof(Row.Signal)))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind)))
            .Append(_ml.MetaLearning().FewShot(learner)).Fit(data);
        var hashed = _ml.Transforms.Conversion.Hash("Place", nameof(Row.City), numberOfBits: 3).Fit(data).Transform(data);
        var keys = _rows.Select(row => row.City).Zip(hashed.GetColumn<uint>("Place")).Distinct().ToArray();
        var graph = new GraphProto { Name = "hash" };
        graph.Input.Add(OnnxValues.Tensor(nameof(Row.City), DataType.String, "N", 1));
        graph.Output.Add(OnnxValues.Int64("hash", "N", 1));
        var names = new AttributeProto { Name = "keys_strings", Type = AttributeProto.Types.AttributeType.Strings };
        names.Strings.AddRange(keys.Select(key => ByteString.CopyFromUtf8(key.First)));
        var encoder = Node(
            "LabelEncoder", [nameof(Row.City)], ["hash"], names, Ints("values_int64s", [.. keys.Select(key => (long)key.Second)]));
        encoder.Domain = "ai.onnx.ml";
        graph.Node.Add(encoder);
        // The column of keys, not of their ones and zeros, which has the same name: a stage replaces it.
        var last = UpstreamOnnx.Load(File(graph, 15, "ai.onnx.ml"), new Dictionary<string, string> { ["Place"] = "hash" });

        var error = Assert.Throws<ArgumentException>(() => _ml.MetaLearning().SaveAsOnnx(model, data.Schema, Stream.Null, last));

        Assert.Contains("Vector<Single, 8>", error.Message, StringComparison.Ordinal);
        using var renamed = _ml.Transforms.Conversion.Hash("Key", nameof(Row.City), numberOfBits: 3)
            .Append(_ml.Transforms.Conversion.MapKeyToVector("Place", "Key"))
            .Append(_ml.Transforms.Concatenate("Features", "Place", nameof(Row.Signal)))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind)))
            .Append(_ml.MetaLearning().FewShot(learner)).Fit(data);
        AssertSame(renamed, UpstreamOnnx.Load(File(graph, 15, "ai.onnx.ml"), new Dictionary<string, string> { ["Key"] = "hash" }));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void SaveAsOnnx_UpstreamThatDoesNotFit_SaysWhyAndWritesNothing(string name, string message)
    {
        using var learner = new TinyLearner { Features = 5 }.Load();
        using var model = Chain(learner);
        var upstream = UpstreamOnnx.Load(Upstream(name));

        var error = Assert.ThrowsAny<Exception>(
            () => _ml.MetaLearning().SaveAsOnnx(model, Data().Schema, _folder.File("new.onnx"), upstream));

        Assert.True(error is ArgumentException or NotSupportedException or InvalidOperationException, error.ToString());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void SaveAsOnnx_UpstreamForAColumnNobodyNeeds_SaysWhichAreNeeded()
    {
        using var learner = new TinyLearner { Features = 5 }.Load();
        using var model = Chain(learner);
        var upstream = UpstreamOnnx.Load(
            Upstream("the column"), new Dictionary<string, string> { ["Hidden"] = "Hidden", ["Income"] = "Hidden" });

        var error = Assert.Throws<ArgumentException>(() => _ml.MetaLearning().SaveAsOnnx(model, Data().Schema, Stream.Null, upstream));

        Assert.Contains("'Income'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Hidden'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("functions", "functions of its own")]
    [InlineData("external", "weights in other files")]
    [InlineData("sparse", "sparse constants")]
    public void Load_PartsThatCannotBeMerged_NamesThem(string name, string message)
    {
        var model = ModelProto.Parser.ParseFrom(Upstream("the column"));
        switch (name)
        {
            case "functions":
                model.Functions.Add(new FunctionProto { Name = "f" });
                break;
            case "external":
                model.Graph.Initializer.Add(new TensorProto { Name = "far away", DataLocation = 1 });
                break;
            default:
                model.Graph.SparseInitializer.Add(new SparseTensorProto());
                break;
        }

        var error = Assert.Throws<NotSupportedException>(() => UpstreamOnnx.Load(model.ToByteArray()));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoOnnx_SaysSo()
    {
        Assert.Throws<FormatException>(() => UpstreamOnnx.Load("not ONNX"u8));
        Assert.Throws<FormatException>(() => UpstreamOnnx.Load([]));
        var unknown = Model(Node("NoSuchOperator", ["Age"], ["Hidden"]));
        Assert.Contains(
            "NoSuchOperator", Assert.Throws<FormatException>(() => UpstreamOnnx.Load(unknown)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Path_ReadsTheFile()
    {
        System.IO.File.WriteAllBytes(_folder.File("up.onnx"), Upstream("operator set 11"));

        var upstream = UpstreamOnnx.Load(_folder.File("up.onnx"));

        Assert.Equal(["Hidden"], upstream.Outputs);
        Assert.Equal(11, upstream.OperatorSet);
        Assert.Throws<FileNotFoundException>(() => UpstreamOnnx.Load(_folder.File("none.onnx")));
    }

    [Fact]
    public void Load_ColumnsOfUnknownOutputs_NamesThoseThereAre()
    {
        var columns = new Dictionary<string, string> { ["Hidden"] = "nothing" };

        var error = Assert.Throws<ArgumentException>(() => UpstreamOnnx.Load(Upstream("the column"), columns));

        Assert.Contains("'nothing'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Hidden'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Hidden = Age², by a stage that nobody can look into; then what the exporter knows.</summary>
    private TransformerChain<FewShotPredictionTransformer> Chain(Learner learner) =>
        _ml.Transforms.CustomMapping<Row, Custom>((row, output) => output.Hidden = row.Age * row.Age, contractName: null)
            .Append(_ml.Transforms.Concatenate("Features", "Hidden", nameof(Row.Age), nameof(Row.Signal)))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind)))
            .Append(_ml.MetaLearning().FewShot(learner)).Fit(Data());

    private IDataView Data() => _ml.Data.LoadFromEnumerable(_rows);

    private static byte[] Upstream(string name) => name switch
    {
        // The names inside are those that the merged file uses too.
        "the column" => Model(Node("Mul", ["Age", "Age"], ["Score"]), Node("Identity", ["Score"], ["pipeline/0"]),
            Node("Identity", ["pipeline/0"], ["inner/learner/mean"]), Node("Identity", ["inner/learner/mean"], ["Hidden"])),
        "the column, as ML.NET's converter calls it" => Model("Hidden.output", Node("Mul", ["Age", "Age"], ["Hidden.output"])),
        "the column, said so" => Model("odd", Node("Mul", ["Age", "Age"], ["odd"])),
        "the column, without the axis of slots" => Model(Node("Mul", ["Age", "Age"], ["square"]),
            Node("ReduceMean", ["square"], ["Hidden"], Ints("axes", 1), Int("keepdims", 0))),
        "the features" => Features(),
        "operator set 11" => File(Square(Node("ReduceSum", ["square"], ["Hidden"], Ints("axes", 1), Int("keepdims", 1))), 11),
        "operator set 20" => File(Square(Node("Identity", ["square"], ["Hidden"])), 20),
        "traditional operators" => File(Declared(Square(Traditional())), 15, "ai.onnx.ml"),
        "unknown shape" => File(Square(Traditional()), 15, "ai.onnx.ml"),
        "type" => Model(Node("Cast", ["Age"], ["Hidden"], Int("to", (long)DataType.Int64))),
        "width" => Model(Node("Concat", ["Age", "Age"], ["Hidden"], Int("axis", 1))),
        "fixed rows" => File(Graph("Hidden", [1, 1], Node("Mul", ["Age", "Age"], ["Hidden"])), 17),
        "operator set 6" => File(Graph("Hidden", ["N", 1], Node("Abs", ["Age"], ["Hidden"])), 6),
        "softmax of old" => File(Square(Node("Softmax", ["square"], ["Hidden"], Int("axis", 1))), 11),
        "reduction of today" => ReductionOfToday(),
        "other outputs" => TwoOutputs(),
        _ => File(Graph("Hidden", ["N"], Node("Mul", ["Age", "Age"], ["Hidden"])), 17),
    };

    private static byte[] Model(params NodeProto[] nodes) => Model("Hidden", nodes);

    private static byte[] Model(string output, params NodeProto[] nodes) => File(Graph(output, ["N", 1], nodes), 17);

    private static GraphProto Square(NodeProto last) => Graph("Hidden", ["N", 1], Node("Mul", ["Age", "Age"], ["square"]), last);

    /// <summary>From Age to one output whose type ONNX Runtime finds out.</summary>
    private static GraphProto Graph(string output, object[] age, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "upstream" };
        graph.Input.Add(OnnxValues.Float("Age", age));
        graph.Output.Add(new ValueInfoProto { Name = output });
        graph.Node.AddRange(nodes);
        return graph;
    }

    /// <summary>With the output's shape, where ONNX Runtime cannot know it.</summary>
    private static GraphProto Declared(GraphProto graph)
    {
        graph.Output[0] = OnnxValues.Float("Hidden", "N", 1);
        return graph;
    }

    private static byte[] Features()
    {
        var graph = Graph("variable", ["N", 1], Node("Mul", ["Age", "Age"], ["square"]),
            Node("Concat", ["square", "Age", "Signal"], ["variable"], Int("axis", 1)));
        graph.Input.Add(OnnxValues.Float("Signal", "N", 3));
        // An input that nothing needs, and one with a default value.
        graph.Input.Add(OnnxValues.Float("Unused", "N", 3));
        graph.Input.Add(OnnxValues.Float("default", 1));
        graph.Initializer.Add(OnnxTensors.Float("default", [1], [1]));
        graph.Node.Add(Node("Mul", ["variable", "default"], ["unneeded"]));
        return File(graph, 17);
    }

    private static NodeProto Traditional()
    {
        var offset = new AttributeProto { Name = "offset", Type = AttributeProto.Types.AttributeType.Floats };
        offset.Floats.Add(0);
        var scale = new AttributeProto { Name = "scale", Type = AttributeProto.Types.AttributeType.Floats };
        scale.Floats.Add(1);
        var scaler = Node("Scaler", ["square"], ["Hidden"], offset, scale);
        scaler.Domain = "ai.onnx.ml";
        return scaler;
    }

    private static byte[] ReductionOfToday()
    {
        var graph = Square(Node("ReduceMean", ["square", "axis"], ["Hidden"]));
        graph.Initializer.Add(OnnxTensors.Int64("axis", [1], [1]));
        return File(graph, 18);
    }

    private static byte[] TwoOutputs()
    {
        var graph = Graph("one", ["N", 1], Node("Mul", ["Age", "Age"], ["one"]), Node("Identity", ["one"], ["two"]));
        graph.Output.Add(new ValueInfoProto { Name = "two" });
        return File(graph, 17);
    }

    private static byte[] File(GraphProto graph, long operatorSet, string? domain = null)
    {
        var model = OnnxModels.Create(graph);
        model.OpsetImport[0].Version = operatorSet;
        if (domain is not null)
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 2 });
        }

        return model.ToByteArray();
    }

    private void AssertSame(TransformerChain<FewShotPredictionTransformer> model, UpstreamOnnx upstream)
    {
        var data = Data();
        using var stream = new MemoryStream();
        _ml.MetaLearning().SaveAsOnnx(model, data.Schema, stream, upstream);
        using var session = new InferenceSession(stream.ToArray());
        var values = session.InputNames.Select(name => name switch
        {
            nameof(Row.Age) => OrtValue.CreateTensorValueFromMemory(_rows.Select(row => row.Age).ToArray(), [_rows.Length, 1]),
            nameof(Row.Signal) => OrtValue.CreateTensorValueFromMemory(_rows.SelectMany(row => row.Signal).ToArray(), [_rows.Length, 3]),
            nameof(Row.City) => Cities(),
            _ => throw new InvalidOperationException($"The merged model asks for '{name}'."),
        }).ToArray();
        using var options = new RunOptions();
        using var outputs = session.Run(options, session.InputNames, values, ["Score"]);
        foreach (var value in values)
        {
            value.Dispose();
        }

        Assert.All(model.Transform(data).GetColumn<float[]>("Score").SelectMany(row => row)
            .Zip(outputs[0].GetTensorDataAsSpan<float>().ToArray()), pair =>
            Assert.Equal(pair.First, pair.Second, Float32Tolerance));
    }

    private OrtValue Cities()
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [_rows.Length, 1]);
        for (var row = 0; row < _rows.Length; row++)
        {
            value.StringTensorSetElementAt(_rows[row].City, row);
        }

        return value;
    }

    private sealed class Row
    {
        public float Age { get; set; }

        public string City { get; set; } = "";

        [VectorType(3)]
        public float[] Signal { get; set; } = [];

        public string Kind { get; set; } = "";
    }

    private sealed class Custom
    {
        public float Hidden { get; set; }
    }
}
