using Google.Protobuf;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

public sealed class LearnerTests
{
    // The graph computes in float32, the oracle in float64; 50 steps accumulate rounding of about 1e-6 each.
    private const double Float32Tolerance = 1e-4;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50)]
    public void Adapt_Classification_EqualsOracle(int steps)
    {
        var tiny = new TinyLearner { Features = 3 };
        using var learner = tiny.Load();
        var rows = Blobs.Classes(["a", "b", "c"], 4, features: 3);
        long[] classes = [.. rows.Select(row => (long)(row.Label[0] - 'a'))];
        float[][] oneHot = [.. classes.Select(c => Enumerable.Range(0, 3).Select(i => i == c ? 1f : 0f).ToArray())];

        using var adapted = learner.Adapt(new SupportSet(rows.Length, [.. rows.SelectMany(row => row.Features)], classes, null), steps);

        var oracle = new TinyOracle(tiny, [.. rows.Select(row => row.Features)], oneHot, steps);
        AssertScores(learner, adapted, rows[5].Features, oracle.Score(rows[5].Features));
    }

    [Fact]
    public void Adapt_RegressionOfTwoOutputs_EqualsOracle()
    {
        var tiny = new TinyLearner { Task = MetaTask.Regression, Outputs = 2 };
        using var learner = tiny.Load();
        var rows = Blobs.Targets(8, outputs: 2);

        using var adapted = learner.Adapt(
            new SupportSet(8, [.. rows.SelectMany(row => row.Features)], null, [.. rows.SelectMany(row => row.Label)]));

        var oracle = new TinyOracle(tiny, [.. rows.Select(row => row.Features)], [.. rows.Select(row => row.Label)], tiny.Steps);
        AssertScores(learner, adapted, rows[3].Features, oracle.Score(rows[3].Features));
    }

    [Fact]
    public void Load_File_TellsWhatItIs()
    {
        using var learner = new TinyLearner { Features = 3, Classes = ["low", "high"], Steps = 7 }.Load();

        Assert.Equal("Tiny", learner.Kind);
        Assert.Equal(MetaTask.Classification, learner.Task);
        Assert.Equal(LabelSemantics.Shared, learner.Labels);
        Assert.Equal(["low", "high"], learner.Classes);
        Assert.Equal(3, learner.FeatureCount);
        Assert.Equal(2, learner.OutputCount);
        Assert.Equal(7, learner.Steps);
        Assert.Contains("Sgd", learner.InnerOptimizer, StringComparison.Ordinal);
        Assert.Contains("Linear", learner.Network, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_ToPathAndStream_KeepsTheBytes()
    {
        var file = new TinyLearner().File();
        using var learner = Learner.Load(file);
        using var folder = new TemporaryFolder();
        var path = folder.File("learner.onnx");

        File.WriteAllText(path, "an older file");
        learner.Save(path);
        using var stream = new MemoryStream();
        learner.Save(stream);

        Assert.Equal(file, File.ReadAllBytes(path));
        Assert.Equal(file, stream.ToArray());
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        using var again = Learner.Load(path);
        Assert.Equal("Tiny", again.Kind);
    }

    [Fact]
    public void Load_TruncatedFile_IsRefused()
    {
        var file = new TinyLearner().File();

        var error = Assert.Throws<FormatException>(() => Learner.Load(file.AsSpan(0, file.Length / 2)));

        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("this is not a model")]
    [InlineData("")]
    public void Load_ForeignBytes_IsRefused(string content)
    {
        Assert.Throws<FormatException>(() => Learner.Load(System.Text.Encoding.UTF8.GetBytes(content)));
    }

    [Fact]
    public void Load_ForeignOnnx_IsRefused()
    {
        var model = new TinyLearner().Model();
        model.MetadataProps.Clear();

        var error = Assert.Throws<FormatException>(() => Learner.Load(LearnerFile.Write(model)));

        Assert.Contains("not a learner", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NewerVersion_SaysToUpdate()
    {
        var error = Assert.Throws<NotSupportedException>(() => Learner.Load(WithProperty("mlnetmeta.version", "3")));

        Assert.Contains("Update the package MLNetMeta.Transforms", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mlnetmeta.version", "one")]
    [InlineData("mlnetmeta.version", "0")]
    [InlineData("mlnetmeta.learner", null)]
    [InlineData("mlnetmeta.task", "Ranking")]
    [InlineData("mlnetmeta.task", "7")]
    [InlineData("mlnetmeta.labels", "Targets")]
    [InlineData("mlnetmeta.labels", null)]
    [InlineData("mlnetmeta.classes", "[\"a\"")]
    [InlineData("mlnetmeta.classes", "[\"a\",\"a\"]")]
    [InlineData("mlnetmeta.classes", "[\"a\",null]")]
    [InlineData("mlnetmeta.features", "-2")]
    [InlineData("mlnetmeta.outputs", "3")]
    [InlineData("mlnetmeta.steps", "")]
    public void Load_WrongProperty_NamesIt(string key, string? value)
    {
        var error = Assert.Throws<FormatException>(() => Learner.Load(WithProperty(key, value)));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_GraphWithoutAdaptedOutputs_IsRefused()
    {
        var model = new TinyLearner().Model();
        foreach (var output in model.Graph.Output.Where(output => output.Name.StartsWith("adapted.", StringComparison.Ordinal)).ToArray())
        {
            model.Graph.Output.Remove(output);
        }

        var error = Assert.Throws<FormatException>(() => Learner.Load(LearnerFile.Write(model)));

        Assert.Contains("adapted.*", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ForwardGraphThatNeedsTheSupport_IsRefused()
    {
        var model = new TinyLearner().Model();
        model.Graph.Node.Single(node => node.Output.Contains("qw")).Input[0] = "support_features";

        var error = Assert.Throws<FormatException>(() => Learner.Load(LearnerFile.Write(model)));

        Assert.Contains("'support_features'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("support_features", 1, "does not have 2 columns")]
    [InlineData("query_features", 1, "does not have 2 columns")]
    [InlineData("support_labels", 7, "does not have 1 columns")]
    [InlineData("steps", 1, "is not of type Int64")]
    public void Load_InputOfAnotherShapeOrType_NamesIt(string name, int type, string reason)
    {
        var model = new TinyLearner { Task = MetaTask.Regression }.Model();
        var input = model.Graph.Input.Single(candidate => candidate.Name == name);
        input.Type = OnnxValues.Tensor(name, (TensorProto.Types.DataType)(type == 7 ? 1 : type), "rows", 9).Type;

        var error = Assert.Throws<FormatException>(() => Learner.Load(LearnerFile.Write(model)));

        Assert.Contains($"'{name}' {reason}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OneBitFlipped_IsRefused()
    {
        var file = new TinyLearner { Classes = ["a", "b"] }.File();
        for (var bit = 0; bit < 8 * file.Length; bit += 5) // every byte, and each of its bits in some
        {
            byte[] damaged = [.. file];
            damaged[bit / 8] ^= (byte)(1 << bit % 8);

            var error = Record.Exception(() => Learner.Load(damaged));

            Assert.True(error is FormatException or NotSupportedException, $"bit {bit}: {error}");
        }
    }

    [Fact]
    public void Load_FileOfVersion1_HasADefaultOfStepsAndNoChecksum()
    {
        var model = new TinyLearner().Model();
        model.MetadataProps.Single(property => property.Key == "mlnetmeta.version").Value = "1";
        model.Graph.Initializer.Add(OnnxTensors.Int64("steps", 50));
        using var old = Learner.Load(model.ToByteArray());
        using var today = new TinyLearner().Load();
        var support = new SupportSet(2, [0, 1, 2, 3], [0, 1], null);

        using var expected = today.Adapt(support);
        using var adapted = old.Adapt(support);

        Assert.Equal(OnnxTensors.ToFloats(expected.ToTensors()[0]), OnnxTensors.ToFloats(adapted.ToTensors()[0]));
    }

    [Fact]
    public void Adapt_Diverging_SaysSo()
    {
        using var learner = new TinyLearner { Task = MetaTask.Regression, Rate = 50, Steps = 500 }.Load();

        var error = Assert.Throws<InvalidOperationException>(() => learner.Adapt(new SupportSet(2, [1, 2, 3, -4], null, [1, 2])));

        Assert.StartsWith(
            "The adaptation diverged: after 500 inner steps 'weights' is not finite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adapt_GraphThatFailsAtRunTime_SaysWhere()
    {
        var model = new TinyLearner().Model();
        model.Graph.Initializer.Single(tensor => tensor.Name == "feature_count").RawData = ByteString.CopyFrom(BitConverter.GetBytes(5L));
        using var learner = Learner.Load(LearnerFile.Write(model));

        var error = Assert.Throws<InvalidOperationException>(() => learner.Adapt(new SupportSet(2, [0, 1, 2, 3], [0, 1], null)));

        Assert.StartsWith("ONNX Runtime failed to run the learner's graph", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adapt_GraphThatOnnxRuntimeRefuses_IsADamagedFile()
    {
        var model = new TinyLearner().Model();
        model.Graph.Node.Single(node => node.OpType == "OneHot").Input.RemoveAt(2);
        using var learner = Learner.Load(LearnerFile.Write(model));

        Assert.Throws<FormatException>(() => learner.Adapt(new SupportSet(2, [0, 1, 2, 3], [0, 1], null)));
        Assert.Throws<FormatException>(() => Learner.Load(LearnerFile.Write(model), new Learner.Options { CreateSessionsOnLoad = true }));
    }

    [Fact]
    public void Adapt_ManyModelsDisposed_FreesTheirParameters()
    {
        const int features = 20_000;
        using var learner = new TinyLearner { Features = features, Steps = 1 }.Load();
        var support = new SupportSet(2, new float[2 * features], [0, 1], null);
        learner.Adapt(support).Dispose();
        var before = Environment.WorkingSet;

        for (var task = 0; task < 1000; task++)
        {
            learner.Adapt(support).Dispose();
        }

        // A leak would be 160 MB: 1,000 times 20,000 x 2 weights.
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 80_000_000);
    }

    [Fact]
    public void Load_MissingFile_IsReported()
    {
        Assert.Throws<FileNotFoundException>(() => Learner.Load("there-is-no-such-file.onnx"));
    }

    [Fact]
    public void Options_NoThreads_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Learner.Options { NumberOfThreads = 0 });
    }

    [Fact]
    public void Adapt_TwoThreads_GivesTheSame()
    {
        using var one = new TinyLearner().Load();
        using var two = new TinyLearner().Load(new Learner.Options { NumberOfThreads = 2 });
        var support = new SupportSet(2, [0, 1, 2, 3], [0, 1], null);

        using var first = one.Adapt(support);
        using var second = two.Adapt(support);

        Assert.Equal(OnnxTensors.ToFloats(first.ToTensors()[0]), OnnxTensors.ToFloats(second.ToTensors()[0]));
    }

    [Fact]
    public void Adapt_AfterDispose_IsRefused()
    {
        var learner = new TinyLearner().Load();
        learner.Dispose();
        learner.Dispose();

        Assert.Throws<ObjectDisposedException>(() => learner.Adapt(new SupportSet(2, [0, 1, 2, 3], [0, 1], null)));
    }

    [Fact]
    public void Adapt_Cancelled_StopsTheLoop()
    {
        using var learner = new TinyLearner().Load();
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        // Far more steps than a test may last.
        Assert.ThrowsAny<OperationCanceledException>(
            () => learner.Adapt(new SupportSet(2, [0, 1, 2, 3], [0, 1], null), int.MaxValue, source.Token));
    }

    [Fact]
    public void Load_SessionsOnLoad_CreatesBoth()
    {
        using var learner = new TinyLearner().Load(new Learner.Options { CreateSessionsOnLoad = true });

        Assert.Equal(2, learner.SessionCount);
    }

    [Fact]
    public void Adapt_LongerThanTheLimit_Ends()
    {
        using var learner = new TinyLearner().Load(
            new Learner.Options { Limits = new Learner.Limits { AdaptationTime = TimeSpan.FromMilliseconds(50) } });

        var error = Assert.Throws<TimeoutException>(() => learner.Adapt(new SupportSet(2, [0, 1, 2, 3], [0, 1], null), int.MaxValue));

        Assert.Contains("AdaptationTime", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adapt_ManyTasks_CreatesTwoSessions()
    {
        using var learner = new TinyLearner().Load();
        Assert.Equal(0, learner.SessionCount);

        for (var task = 0; task < 20; task++)
        {
            using var adapted = learner.Adapt(new SupportSet(2, [0, 1, 2, task], [0, 1], null));
            AssertScores(learner, adapted, [0, 0], null);
        }

        Assert.Equal(2, learner.SessionCount);
    }

    private static void AssertScores(Learner learner, AdaptedParameters adapted, float[] query, double[]? expected)
    {
        var width = expected?.Length ?? 2;
        using var scorer = new BatchScorer(learner, adapted, width, capacity: 3);
        query.CopyTo(scorer.Query(0));
        scorer.Run(1);
        for (var index = 0; index < expected?.Length; index++)
        {
            Assert.Equal(expected[index], scorer.Scores(0)[index], Float32Tolerance);
        }
    }

    private static byte[] WithProperty(string key, string? value)
    {
        var model = new TinyLearner { Classes = ["a", "b"] }.Model();
        var property = model.MetadataProps.Single(candidate => candidate.Key == key);
        if (value is null)
        {
            model.MetadataProps.Remove(property);
        }
        else
        {
            property.Value = value;
        }

        return LearnerFile.Write(model);
    }
}
