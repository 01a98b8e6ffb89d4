using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>The columns LowerBound and UpperBound, wherever a model goes.</summary>
public sealed class IntervalColumnsTests
{
    private const float Float32Tolerance = 1e-5f;

    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Transform_OfALearnerWithIntervals_AddsTheirBounds(int outputs)
    {
        using var learner = Learner(outputs);
        var data = Data(outputs);
        var trainer = _ml.MetaLearning().FewShot(learner);
        using var model = trainer.Fit(data);
        var scored = model.Transform(data);

        Assert.Equal(["Score", "LowerBound", "UpperBound"], scored.Schema.Skip(data.Schema.Count).Select(column => column.Name));
        Assert.All(["LowerBound", "UpperBound"], name => Assert.Equal(scored.Schema["Score"].Type, scored.Schema[name].Type));
        AssertBounds(scored);
        var promised = trainer.GetOutputSchema(Shapes.Of(data));
        Assert.All(["LowerBound", "UpperBound"], name => Assert.Contains(name, promised.Select(column => column.Name)));
        // ML.NET's evaluator finds the score and no other.
        if (outputs == 1)
        {
            Assert.True(_ml.Regression.Evaluate(scored).MeanAbsoluteError >= 0);
        }
    }

    [Fact]
    public void PredictionEngine_OfALearnerWithIntervals_GivesThem()
    {
        using var learner = Learner(1);
        using var model = _ml.MetaLearning().FewShot(learner).Fit(Data(1));
        using var engine = _ml.Model.CreatePredictionEngine<Input, Prediction>(
            model, new PredictionEngineOptions { OwnsTransformer = false });
        var prediction = engine.Predict(new Input { Features = [1, -2] });
        Assert.NotEqual(0, prediction.Score);
        Assert.Equal(prediction.Score - (0.5f * MathF.Abs(prediction.Score)), prediction.LowerBound, Float32Tolerance);
        Assert.Equal(prediction.Score + (0.5f * MathF.Abs(prediction.Score)), prediction.UpperBound, Float32Tolerance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void SaveAndLoad_ByMLNetAndByThisLibrary_KeepsThem(int outputs)
    {
        using var learner = Learner(outputs);
        var data = Data(outputs);
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);

        var fresh = new MLContext();
        stream.Position = 0;
        var stock = fresh.Model.Load(stream, out _);
        stream.Position = 0;
        var restored = fresh.MetaLearning().LoadModel(stream, out _);
        foreach (var loaded in (ITransformer[])[stock, restored])
        {
            var (before, after) = (model.Transform(data), loaded.Transform(data));
            Assert.Equal(before.Schema.Select(c => (c.Name, c.Type)), after.Schema.Select(c => (c.Name, c.Type)));
            AssertBounds(after);
            (loaded as IDisposable)?.Dispose();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void SaveAsOnnx_OfALearnerWithIntervals_HasThemAsOutputs(int outputs)
    {
        using var learner = Learner(outputs);
        var data = Data(outputs);
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);
        using var stream = new MemoryStream();
        model.SaveAsOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        Assert.Equal(["Score", "LowerBound", "UpperBound"], session.OutputNames);
        float[] features = [.. Blobs.Targets(10, outputs: outputs).SelectMany(row => row.Features)];
        using var input = OrtValue.CreateTensorValueFromMemory(features, [10, 2]);
        using var run = new RunOptions();
        using var results = session.Run(run, new Dictionary<string, OrtValue> { ["Features"] = input }, session.OutputNames);
        for (var i = 0; i < 10 * outputs; i++)
        {
            var (score, lower, upper) = (At(0, i), At(1, i), At(2, i));
            Assert.Equal(score - (0.5f * MathF.Abs(score)), lower, Float32Tolerance);
            Assert.Equal(score + (0.5f * MathF.Abs(score)), upper, Float32Tolerance);
        }

        float At(int output, int i) => results[output].GetTensorDataAsSpan<float>()[i];
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("0")]
    [InlineData("-0.5")]
    [InlineData("most")]
    public void Load_OfAFileWithAnImpossibleCoverage_IsRefused(string coverage)
    {
        var model = new TinyLearner { Task = MetaTask.Regression, Coverage = 0.9 }.Model();
        model.MetadataProps.Single(property => property.Key == "mlnetmeta.interval_coverage").Value = coverage;
        var error = Assert.Throws<FormatException>(() => Transforms.Learner.Load(LearnerFile.Write(model)));
        Assert.Contains($"'mlnetmeta.interval_coverage' is '{coverage}', expected a number between 0 and 1", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAFileThatPromisesIntervalsAndHasNone_IsRefused()
    {
        var model = new TinyLearner { Task = MetaTask.Regression, Coverage = 0.9 }.Model();
        model.Graph.Output.Remove(model.Graph.Output.Single(output => output.Name == "half_widths"));
        var error = Assert.Throws<FormatException>(() => Transforms.Learner.Load(LearnerFile.Write(model)));
        Assert.Contains("half_widths", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAFileWithIntervalsThatItDoesNotDeclare_IsRefused()
    {
        var model = new TinyLearner { Task = MetaTask.Regression, Coverage = 0.9 }.Model();
        model.MetadataProps.Remove(model.MetadataProps.Single(property => property.Key == "mlnetmeta.interval_coverage"));
        var error = Assert.Throws<FormatException>(() => Transforms.Learner.Load(LearnerFile.Write(model)));
        Assert.Contains("unknown output 'half_widths'", error.Message, StringComparison.Ordinal);
    }

    private static Learner Learner(int outputs) =>
        new TinyLearner { Task = MetaTask.Regression, Outputs = outputs, Coverage = 0.9 }.Load();

    // One output is a scalar label.
    private IDataView Data(int outputs)
    {
        var data = Blobs.View(_ml, Blobs.Targets(10, outputs: outputs), outputs: outputs);
        return outputs > 1
            ? data
            : _ml.Transforms.CustomMapping<Vector, Scalar>((from, to) => to.Label = from.Label.GetItemOrDefault(0), null)
                .Fit(data).Transform(data);
    }

    private static void AssertBounds(IDataView scored)
    {
        var (scores, lower, upper) = (Numbers("Score"), Numbers("LowerBound"), Numbers("UpperBound"));
        Assert.NotEmpty(scores);
        for (var i = 0; i < scores.Length; i++)
        {
            Assert.Equal(scores[i] - (0.5f * MathF.Abs(scores[i])), lower[i], Float32Tolerance);
            Assert.Equal(scores[i] + (0.5f * MathF.Abs(scores[i])), upper[i], Float32Tolerance);
        }

        float[] Numbers(string name) => scored.Schema[name].Type is VectorDataViewType
            ? [.. scored.GetColumn<float[]>(name).SelectMany(row => row)]
            : [.. scored.GetColumn<float>(name)];
    }

    private sealed class Vector
    {
        public VBuffer<float> Label { get; set; }
    }

    private sealed class Scalar
    {
        public float Label { get; set; }
    }

    private sealed class Input
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Prediction
    {
        public float Score { get; set; }

        public float LowerBound { get; set; }

        public float UpperBound { get; set; }
    }
}
