using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>The exported file, run by a bare ONNX Runtime session, says what the model says.</summary>
public sealed class OnnxExportTests : IDisposable
{
    // With constant weights ONNX Runtime may multiply in another order than with weights as inputs.
    private const float Float32Tolerance = 1e-5f;

    private readonly MLContext _ml = new(1);
    private readonly Learner _episodes = new TinyLearner().Load();

    public void Dispose() => _episodes.Dispose();

    [Fact]
    public void SaveAsOnnx_TextLabels_PredictsNames()
    {
        var rows = Blobs.Classes(["a", "ö", "c"], 4);
        var data = Blobs.KeyedView(_ml, rows);
        using var model = _ml.MetaLearning().FewShot(_episodes, new FewShotTrainer.Options { Steps = 2000 }).Fit(data);

        using var session = Export(model);

        Assert.Equal(["Features"], session.InputNames);
        Assert.Equal(["Score", "PredictedLabel"], session.OutputNames);
        Assert.Equal([-1, 2], session.InputMetadata["Features"].Dimensions);
        Assert.Equal([-1, 3], session.OutputMetadata["Score"].Dimensions);
        Assert.Equal("[\"a\",\"\\u00F6\",\"c\"]", session.ModelMetadata.CustomMetadataMap["mlnetmeta.classes"]);
        using var outputs = Run(session, "Features", [.. rows.SelectMany(row => row.Features)], 2);
        AssertScores(model, data, outputs[0]);
        Assert.Equal(rows.Select(row => row.Label), outputs[1].GetStringTensorAsArray());
    }

    [Fact]
    public void SaveAsOnnx_SlotsWithoutClass_AreZero()
    {
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(Blobs.View(_ml, Blobs.Classes(["x", "b", "a", "y"], 1)));
        var rows = Blobs.Classes(["a", "b"], 4);
        var data = keys.Transform(Blobs.View(_ml, rows));
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(data);

        using var session = Export(model);

        using var outputs = Run(session, "Features", [.. rows.SelectMany(row => row.Features)], 2);
        AssertScores(model, data, outputs[0]);
        Assert.Equal(rows.Select(row => row.Label), outputs[1].GetStringTensorAsArray());
    }

    [Fact]
    public void SaveAsOnnx_LabelsWithoutText_PredictsKeys()
    {
        var numbers = _ml.Data.LoadFromEnumerable(new NumericRow[] { new() { Label = 40 }, new() { Label = 10, Features = [3, -2] } });
        var data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(numbers).Transform(numbers);
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(data);

        using var session = Export(model);

        using var outputs = Run(session, "Features", [3, -2, 1, 2], 2);
        Assert.Equal([2L, 1L], outputs[1].GetTensorDataAsSpan<long>());
        Assert.Equal("[\"40\",\"10\"]", session.ModelMetadata.CustomMetadataMap["mlnetmeta.classes"]);
    }

    [Fact]
    public void SaveAsOnnx_Regression_PredictsInUnitsOfTheTargets()
    {
        using var learner = new TinyLearner { Task = MetaTask.Regression, Outputs = 2 }.Load();
        var rows = Blobs.Targets(6, outputs: 2);
        var data = Blobs.View(_ml, rows, outputs: 2);
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);

        using var session = Export(model);

        Assert.Equal(["Score"], session.OutputNames);
        using var outputs = Run(session, "Features", [.. rows.SelectMany(row => row.Features)], 2);
        AssertScores(model, data, outputs[0]);
    }

    [Theory]
    [InlineData("adapted.weights")]
    [InlineData("scores")]
    [InlineData("inner/learner/mean")]
    [InlineData("Zwölf Größen (cm)")]
    public void SaveAsOnnx_AnyFeatureName_IsTheInput(string name)
    {
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3));
        var renamed = _ml.Transforms.CopyColumns(name, "Features").Fit(data).Transform(data);
        using var model = _ml.MetaLearning().FewShot(_episodes, featureColumnName: name).Fit(renamed);

        using var session = Export(model);

        using var outputs = Run(session, name, [0, 1], 2);
        Assert.Equal(2, outputs[0].GetTensorDataAsSpan<float>().Length);
    }

    [Fact]
    public void SaveAsOnnx_FeatureNamedAsAnOutput_SaysWhatToDo()
    {
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3));
        var renamed = _ml.Transforms.CopyColumns("Score", "Features").Fit(data).Transform(data);
        using var model = _ml.MetaLearning().FewShot(_episodes, featureColumnName: "Score").Fit(renamed);

        var error = Assert.Throws<InvalidOperationException>(() => model.SaveAsOnnx(Stream.Null));

        Assert.Contains("CopyColumns", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaveAsOnnx_Path_IsWrittenWhole()
    {
        using var folder = new TemporaryFolder();
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3)));

        model.SaveAsOnnx(folder.File("adapted.onnx"));
        Assert.ThrowsAny<IOException>(() => model.SaveAsOnnx(folder.File("no such folder/adapted.onnx")));

        Assert.Equal([folder.File("adapted.onnx")], Directory.GetFiles(folder.Path));
        using var session = new InferenceSession(folder.File("adapted.onnx"));
        Assert.Throws<FormatException>(() => Learner.Load(folder.File("adapted.onnx")));
    }

    [Fact]
    public void SaveAsOnnx_File_HoldsNoAdaptation()
    {
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3)));
        using var stream = new MemoryStream();

        model.SaveAsOnnx(stream);

        var onnx = ModelProto.Parser.ParseFrom(stream.ToArray());
        Assert.DoesNotContain(onnx.Graph.Node, node => node.OpType == "Loop");
        Assert.Equal(8, onnx.IrVersion);
    }

    private static InferenceSession Export(FewShotPredictionTransformer model)
    {
        using var stream = new MemoryStream();
        model.SaveAsOnnx(stream);
        return new InferenceSession(stream.ToArray());
    }

    private static IDisposableReadOnlyCollection<OrtValue> Run(InferenceSession session, string input, float[] rows, int features)
    {
        using var value = OrtValue.CreateTensorValueFromMemory(rows, [rows.Length / features, features]);
        using var options = new RunOptions();
        return session.Run(options, [input], [value], session.OutputNames);
    }

    private static void AssertScores(FewShotPredictionTransformer model, IDataView data, OrtValue actual)
    {
        var expected = model.Transform(data).GetColumn<float[]>("Score").SelectMany(score => score).ToArray();
        var scores = actual.GetTensorDataAsSpan<float>().ToArray();
        Assert.Equal(expected.Length, scores.Length);
        Assert.All(expected.Zip(scores), pair => Assert.Equal(pair.First, pair.Second, Float32Tolerance));
    }

    private sealed class NumericRow
    {
        public float Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];
    }
}
