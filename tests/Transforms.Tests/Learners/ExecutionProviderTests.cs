using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>What computes is chosen once, is checked when the learner is loaded, and can be read.</summary>
public sealed class ExecutionProviderTests
{
    // A GPU sums in another order, and rounds products of float32 to fewer bits (TF32).
    private const float GpuTolerance = 1e-2f;

    private readonly MLContext _ml = new(1);

    public static TheoryData<string> Accelerators => [.. ExecutionProviders.Names.Where(name => name != "Cpu")];

    [Theory]
    [InlineData("Cpu", "Cpu")]
    [InlineData("cuda", "Cuda:0")]
    [InlineData("Cuda:1", "Cuda:1")]
    [InlineData("TensorRT:2 or Cpu", "TensorRT:2 or Cpu")]
    [InlineData("directml OR CPU", "DirectML:0 or Cpu")]
    public void Parse_Text_IsWhatToStringWrites(string text, string written)
    {
        var provider = ExecutionProvider.Parse(text);

        Assert.Equal(written, provider.ToString());
        Assert.Equal(provider, ExecutionProvider.Parse(written));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Gpu")]
    [InlineData("Cuda:")]
    [InlineData("Cuda:-1")]
    [InlineData("Cuda:1:2")]
    [InlineData("Cpu:0")]
    [InlineData("Cpu or Cpu")]
    public void Parse_SomethingElse_NamesWhatIsKnown(string text) =>
        Assert.Contains("Cuda", Assert.Throws<FormatException>(() => ExecutionProvider.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Cuda_NegativeDevice_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ExecutionProvider.Cuda(-1));

    [Fact]
    public void Load_ByDefault_UsesTheProcessor()
    {
        using var learner = new TinyLearner().Load();

        Assert.Equal(ExecutionProvider.Cpu, learner.ExecutionProvider);
        Assert.Equal(ExecutionProvider.Cpu, learner.AdaptationProvider);
        Assert.Equal(0, learner.SessionCount);
    }

    [Theory]
    [MemberData(nameof(Accelerators))]
    public void Load_MissingAccelerator_SaysWhatToInstall(string name)
    {
        var provider = ExecutionProvider.Parse(name);
        if (ExecutionProviders.IsBuiltIn(provider))
        {
            return;
        }

        var error = Assert.Throws<NotSupportedException>(
            () => new TinyLearner().Load(new Learner.Options { ExecutionProvider = provider }));

        Assert.Contains(ExecutionProviders.Package(provider), error.Message, StringComparison.Ordinal);
        Assert.Contains("CPUExecutionProvider", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Accelerators))]
    public void Load_WithFallback_UsesTheProcessorAndWarns(string name)
    {
        var provider = ExecutionProvider.Parse(name + " or Cpu");
        if (ExecutionProviders.IsBuiltIn(provider))
        {
            return;
        }

        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("learner.onnx"), new TinyLearner().File());
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);

        using var learner = _ml.MetaLearning().LoadLearner(
            folder.File("learner.onnx"), new Learner.Options { ExecutionProvider = provider });

        Assert.Equal(ExecutionProvider.Cpu, learner.ExecutionProvider);
        Assert.Contains(log, line => line.Contains("The CPU is used instead", StringComparison.Ordinal));
        Assert.Contains(log, line => line.Contains("scores on Cpu", StringComparison.Ordinal));
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 4));
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);
        Assert.Equal(8, model.Transform(data).GetColumn<uint>("PredictedLabel").Count());
    }

    [Fact]
    public void Load_AdaptationProvider_IsCheckedToo()
    {
        if (ExecutionProviders.IsBuiltIn(ExecutionProvider.TensorRT()))
        {
            return;
        }

        Assert.Throws<NotSupportedException>(() =>
            new TinyLearner().Load(new Learner.Options { AdaptationProvider = ExecutionProvider.TensorRT() }));
    }

    [GpuFact]
    public void Cuda_Scores_EqualTheProcessors()
    {
        using var expected = new TinyLearner().Load();
        using var learner = new TinyLearner().Load(new Learner.Options { ExecutionProvider = ExecutionProvider.Cuda() });
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 2000));
        var support = _ml.Data.TakeRows(data, 10);
        using var onCpu = _ml.MetaLearning().FewShot(expected).Fit(support);
        using var onGpu = _ml.MetaLearning().FewShot(learner).Fit(support);

        Assert.Equal(ExecutionProvider.Cuda(), learner.ExecutionProvider);
        var pairs = onCpu.Transform(data).GetColumn<float[]>("Score").Zip(onGpu.Transform(data).GetColumn<float[]>("Score"));
        Assert.All(pairs, pair => Assert.Equal(pair.First[0], pair.Second[0], GpuTolerance));
    }

    /// <summary>A test that needs ONNX Runtime's CUDA provider and a GPU, and is skipped with the reason elsewhere.</summary>
    private sealed class GpuFactAttribute : FactAttribute
    {
        public GpuFactAttribute()
        {
            try
            {
                new TinyLearner().Load(new Learner.Options { ExecutionProvider = ExecutionProvider.Cuda() }).Dispose();
            }
            catch (NotSupportedException exception)
            {
                Skip = exception.Message;
            }
        }
    }
}
