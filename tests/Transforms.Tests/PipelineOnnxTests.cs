using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>A whole pipeline in one ONNX file: raw columns in, ML.NET's own predictions out.</summary>
public sealed class PipelineOnnxTests
{
    // Normalisers multiply in another order, and ONNX Runtime's error function is an approximation.
    private const float Float32Tolerance = 1e-4f;

    private readonly MLContext _ml = new(1);
    private readonly Row[] _rows = [.. Enumerable.Range(0, 40).Select(i => new Row
    {
        Age = 20 + i % 7 * 3,
        Income = i % 11 == 3 ? float.NaN : 1000 + 37 * (i % 13),
        City = new[] { "Oslo", "Köln", "Lima" }[i % 3],
        Visits = i % 5,
        Signal = [i % 4, 0.5f * (i % 9), -i % 6],
        Kind = i % 2 == 0 ? "yes" : "no",
    })];

    public static TheoryData<string> Pipelines =>
    [
        "concatenate", "copy and select", "min max", "two columns", "mean variance", "log mean variance", "robust", "missing", "indicator",
        "convert", "one hot", "everything",
    ];

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void SaveAsOnnx_Pipeline_PredictsWhatMLNetPredicts(string name)
    {
        var data = _ml.Data.LoadFromEnumerable(_rows);
        var upstream = Upstream(name).Fit(data);
        var width = ((VectorDataViewType)upstream.GetOutputSchema(data.Schema)["Features"].Type).Size;
        using var learner = new TinyLearner { Features = width, Steps = 20 }.Load();
        using var model = Upstream(name)
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind)))
            .Append(_ml.MetaLearning().FewShot(learner))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(data);

        using var session = Export(model, data.Schema);

        Assert.DoesNotContain(nameof(Row.Kind), session.InputNames);
        var scored = model.Transform(data);
        var (scores, labels) = Run(session);
        Assert.All(scored.GetColumn<float[]>("Score").SelectMany(row => row).Zip(scores), pair =>
            Assert.Equal(pair.First, pair.Second, Float32Tolerance));
        Assert.Equal(scored.GetColumn<string>("PredictedLabel"), labels);
    }

    [Fact]
    public void SaveAsOnnx_MetaTrainedPipeline_IsExportedFromRawRows()
    {
        var data = _ml.Data.LoadFromEnumerable(_rows);
        using var meta = Upstream("min max").Append(new LearnerEstimator(_ml, new TinyLearner { Features = 4 }.Load())).Fit(data);
        var labelled = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind)).Fit(data).Transform(data);
        using var model = _ml.MetaLearning().FewShot(meta).Fit(labelled);

        using var session = Export(model, labelled.Schema);

        Assert.Equal(model.Transform(labelled).GetColumn<float[]>("Score").SelectMany(row => row).Select(score => MathF.Round(score, 3)),
            Run(session).Scores.Select(score => MathF.Round(score, 3)));
    }

    [Fact]
    public void SaveAsOnnx_UnknownStage_IsNamedWithWhatToDo()
    {
        var data = _ml.Data.LoadFromEnumerable(_rows);
        using var learner = new TinyLearner { Features = 3 }.Load();
        using var model = _ml.Transforms.NormalizeLpNorm("Features", nameof(Row.Signal))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind)))
            .Append(_ml.MetaLearning().FewShot(learner)).Fit(data);

        var error = Assert.Throws<NotSupportedException>(() => _ml.MetaLearning().SaveAsOnnx(model, data.Schema, Stream.Null));

        Assert.Contains("LpNormNormalizingTransformer", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Features'", error.Message, StringComparison.Ordinal);
        Assert.Contains("SaveAsOnnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaveAsOnnx_StageAfterTheModel_IsNamed()
    {
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 4));
        using var learner = new TinyLearner().Load();
        using var model = _ml.MetaLearning().FewShot(learner).Append(_ml.Transforms.CopyColumns("Other", "Score")).Fit(data);

        var error = Assert.Throws<NotSupportedException>(() => _ml.MetaLearning().SaveAsOnnx(model, data.Schema, Stream.Null));

        Assert.Contains("ColumnCopyingTransformer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaveAsOnnx_NoAdaptedModel_SaysSo()
    {
        var data = _ml.Data.LoadFromEnumerable(_rows);

        Assert.Throws<ArgumentException>(() => _ml.MetaLearning().SaveAsOnnx(Upstream("min max").Fit(data), data.Schema, Stream.Null));
    }

    [Fact]
    public void SaveAsOnnx_RawColumnNamedAsAnOutput_SaysWhatToDo()
    {
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 4));
        var renamed = _ml.Transforms.CopyColumns("Score", "Features").Append(_ml.Transforms.DropColumns("Features")).Fit(data).Transform(data);
        using var learner = new TinyLearner().Load();
        using var model = _ml.Transforms.CopyColumns("Features", "Score").Append(_ml.MetaLearning().FewShot(learner)).Fit(renamed);

        var error = Assert.Throws<InvalidOperationException>(() => _ml.MetaLearning().SaveAsOnnx(model, renamed.Schema, Stream.Null));

        Assert.Contains("CopyColumns", error.Message, StringComparison.Ordinal);
    }

    private IEstimator<ITransformer> Upstream(string name)
    {
        string[] numbers = [nameof(Row.Signal), nameof(Row.Age)];
        var concatenate = _ml.Transforms.Concatenate("Features", numbers);
        return name switch
        {
            "concatenate" => _ml.Transforms.Concatenate("Features", nameof(Row.Age), nameof(Row.Signal), nameof(Row.Age)),
            "copy and select" => _ml.Transforms.CopyColumns("Features", nameof(Row.Signal))
                .Append(_ml.Transforms.SelectColumns("Features", nameof(Row.Kind))),
            "min max" => concatenate.Append(_ml.Transforms.NormalizeMinMax("Features", fixZero: false)),
            "mean variance" => concatenate.Append(_ml.Transforms.NormalizeMeanVariance("Features", fixZero: false)),
            "log mean variance" => _ml.Transforms.NormalizeLogMeanVariance(nameof(Row.Age), useCdf: true).Append(concatenate),
            "two columns" => _ml.Transforms.NormalizeMeanVariance(
                [new(nameof(Row.Signal)), new(nameof(Row.Age)), new("Other", nameof(Row.Age))], fixZero: false)
                .Append(_ml.Transforms.Concatenate("Features", "Other", nameof(Row.Age), nameof(Row.Signal))),
            "robust" => concatenate.Append(_ml.Transforms.NormalizeRobustScaling("Features")),
            "missing" => _ml.Transforms.ReplaceMissingValues(
                nameof(Row.Income), replacementMode: Microsoft.ML.Transforms.MissingValueReplacingEstimator.ReplacementMode.Mean)
                .Append(_ml.Transforms.NormalizeMeanVariance(nameof(Row.Income)))
                .Append(_ml.Transforms.Concatenate("Features", nameof(Row.Income), nameof(Row.Signal))),
            "indicator" => _ml.Transforms.IndicateMissingValues("IsMissing", nameof(Row.Income))
                .Append(_ml.Transforms.Conversion.ConvertType("IsMissing"))
                .Append(_ml.Transforms.Concatenate("Features", "IsMissing", nameof(Row.Signal))),
            "convert" => _ml.Transforms.Conversion.ConvertType("Count", nameof(Row.Visits))
                .Append(_ml.Transforms.Concatenate("Features", "Count", nameof(Row.Signal))),
            "one hot" => _ml.Transforms.Categorical.OneHotEncoding("Place", nameof(Row.City))
                .Append(_ml.Transforms.Concatenate("Features", "Place", nameof(Row.Signal))),
            _ => _ml.Transforms.ReplaceMissingValues(nameof(Row.Income))
                .Append(_ml.Transforms.Categorical.OneHotEncoding([new("Place", nameof(Row.City))]))
                .Append(_ml.Transforms.Conversion.ConvertType("Count", nameof(Row.Visits)))
                .Append(_ml.Transforms.Concatenate("Features", "Count", "Place", nameof(Row.Income), nameof(Row.Signal), nameof(Row.Age)))
                .Append(_ml.Transforms.NormalizeMinMax("Features")),
        };
    }

    private InferenceSession Export(ITransformer model, DataViewSchema schema)
    {
        using var stream = new MemoryStream();
        _ml.MetaLearning().SaveAsOnnx(model, schema, stream);
        return new InferenceSession(stream.ToArray());
    }

    private (float[] Scores, string[] Labels) Run(InferenceSession session)
    {
        var values = session.InputNames.Select(name => name switch
        {
            nameof(Row.Age) => Column([.. _rows.Select(row => row.Age)]),
            nameof(Row.Income) => Column([.. _rows.Select(row => row.Income)]),
            nameof(Row.Visits) => Column([.. _rows.Select(row => row.Visits)]),
            nameof(Row.Signal) => OrtValue.CreateTensorValueFromMemory(_rows.SelectMany(row => row.Signal).ToArray(), [_rows.Length, 3]),
            _ => Cities(),
        }).ToArray();
        using var options = new RunOptions();
        using var outputs = session.Run(options, session.InputNames, values, ["Score", "PredictedLabel"]);
        foreach (var value in values)
            value.Dispose();
        return (outputs[0].GetTensorDataAsSpan<float>().ToArray(), outputs[1].GetStringTensorAsArray());
    }

    private OrtValue Cities()
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [_rows.Length, 1]);
        for (var row = 0; row < _rows.Length; row++)
            value.StringTensorSetElementAt(_rows[row].City, row);
        return value;
    }

    private static OrtValue Column<T>(T[] values) where T : unmanaged => OrtValue.CreateTensorValueFromMemory(values, [values.Length, 1]);

    private sealed class Row
    {
        public float Age { get; set; }

        public float Income { get; set; }

        public string City { get; set; } = "";

        public int Visits { get; set; }

        [VectorType(3)]
        public float[] Signal { get; set; } = [];

        public string Kind { get; set; } = "";
    }

    /// <summary>What meta-training is to a pipeline: an estimator whose model carries a learner.</summary>
    private sealed class LearnerEstimator(MLContext ml, Learner learner) : IEstimator<LearnerTransformer>
    {
        public LearnerTransformer Fit(IDataView input) => new(ml, learner);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }
}
