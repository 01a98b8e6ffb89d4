using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>An exported model that is wrong, in every row or only in odd ones, is refused before it is written.</summary>
public sealed class ExportCheckTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly Learner _learner = new TinyLearner().Load();

    public void Dispose() => _learner.Dispose();

    [Fact]
    public void Run_RightModel_Passes() => Check(_ => { });

    [Fact]
    public void Run_ModelThatDiffersForMissingValuesOnly_IsRefused()
    {
        // What is not finite becomes 0 in ML.NET; here it becomes what the normaliser makes of 1.
        var error = Assert.Throws<NotSupportedException>(() => Check(onnx =>
        {
            var last = onnx.Graph.Node.Last(
                node => node.OpType == "Where" && node.Output[0].StartsWith("pipeline/", StringComparison.Ordinal));
            last.Input[2] = last.Input[1];
        }));

        Assert.Contains("'Features' is 0 in ML.NET", error.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was written", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ModelWithOtherScores_IsRefused()
    {
        var error = Assert.Throws<NotSupportedException>(() => Check(
            onnx => onnx.Graph.Node.Single(node => node.OpType == "Softmax").OpType = "LogSoftmax"));

        Assert.Contains("of 'Score' is", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ModelThatOnnxRuntimeRefuses_IsRefused()
    {
        var error = Assert.Throws<NotSupportedException>(() => Check(onnx => onnx.Graph.Node[0].OpType = "NoSuchOperator"));

        Assert.Contains("ONNX Runtime rejects", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(byte))]
    [InlineData(typeof(ushort))]
    [InlineData(typeof(uint))]
    [InlineData(typeof(ulong))]
    public void ProbeValues_Keys_AreThoseOfTheColumn(Type type)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Key", new KeyDataViewType(type, 3));
        var values = ProbeValues.Create(schema.ToSchema()[0], 5, [0, 3, 4, -5, double.NaN]);

        Assert.Equal(["0", "3", "0", "1", "0"], Enumerable.Range(0, 5).Select(values.Describe));
        using var tensor = values.ToTensor();
        Assert.Equal([0, 3, 0, 1, 0], tensor.GetTensorDataAsSpan<long>().ToArray());
    }

    private void Check(Action<ModelProto> damage)
    {
        var rows = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 6));
        var normalizer = _ml.Transforms.NormalizeMeanVariance("Features", useCdf: true).Fit(rows);
        using var model = _ml.MetaLearning().FewShot(_learner).Fit(normalizer.Transform(rows));
        var onnx = PipelineOnnx.Create(new TransformerChain<ITransformer>(normalizer, model), rows.Schema, null);
        damage(onnx);
        ExportCheck.Run(onnx, "pipeline/features", [normalizer], model, rows.Schema);
    }
}
