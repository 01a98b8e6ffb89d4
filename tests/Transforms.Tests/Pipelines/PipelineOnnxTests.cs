using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>A whole pipeline in one ONNX file: raw columns in, ML.NET's own predictions out.</summary>
public sealed class PipelineOnnxTests
{
    // Normalisers multiply in another order.
    private const float Float32Tolerance = 1e-4f;

    private readonly MLContext _ml = new(1);
    private readonly Row[] _rows = [.. Enumerable.Range(0, 40).Select(i => new Row
    {
        Age = 20 + i % 7 * 3,
        Income = i % 11 == 3 ? float.NaN : 1000 + 37 * (i % 13),
        City = new[] { "Oslo", "Köln", "Lima" }[i % 3],
        Visits = i % 5,
        Signal = [i % 4, 0.5f * (i % 9), -i % 6],
        Tags = [$"x{i % 3}", $"x{i % 4}"],
        Flag = i % 3 == 0,
        Weight = 0.1 * (i % 6),
        Kind = i % 2 == 0 ? "yes" : "no",
    })];

    // What the fitted transformers have not seen: other categories, none at all, a row of zeros, values beyond all others.
    private readonly Row[] _strangers =
    [
        new() { Age = 21, Income = 1037, City = "Bern", Visits = 99, Signal = [0, 0, 0], Tags = ["x1", "none"], Weight = 7 },
        new()
        {
            Age = 1000, Income = float.NaN, City = "", Visits = -1, Signal = [-50, 1e-3f, 400], Tags = ["", ""], Flag = true, Weight = -1,
        },
        new() { Age = 26, Income = 1000, City = "lima", Visits = 4, Signal = [2, 2, 2], Tags = ["x0", "x0"], Weight = 0.1 },
    ];

    public static TheoryData<string> Pipelines =>
    [
        "concatenate", "copy and select", "min max", "two columns", "mean variance", "mean variance distribution", "log mean variance",
        "robust", "missing", "indicator", "convert", "one hot", "one hot of integers", "one hot of numbers", "one hot of doubles",
        "one hot of booleans", "one hot of a vector", "bag of a vector", "one hot as key", "one hot as key of integers",
        "one hot as key of numbers", "one hot as key of doubles", "one hot as key of booleans", "keys of integers, named by text",
        "keys of numbers", "keys of a vector", "binary codes", "l2", "l1", "maximum", "deviation", "global contrast", "centred l1",
        "bins", "bins of a number", "supervised bins", "integers", "doubles", "everything",
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
        foreach (var rows in (Row[][])[_rows, _strangers])
        {
            var scored = model.Transform(_ml.Data.LoadFromEnumerable(rows));
            var (scores, labels) = Run(session, rows);
            Assert.Equal(rows.Length, labels.Length);
            Assert.All(scored.GetColumn<float[]>("Score").SelectMany(row => row).Zip(scores), pair =>
                Assert.Equal(pair.First, pair.Second, Float32Tolerance));
            Assert.Equal(scored.GetColumn<string>("PredictedLabel"), labels);
        }
    }

    [Fact]
    public void SaveAsOnnx_RawKeys_AreIntegersFromOne()
    {
        var raw = _ml.Data.LoadFromEnumerable(_rows);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Place", nameof(Row.City)).Fit(raw).Transform(raw);
        using var learner = new TinyLearner { Features = 6 }.Load();
        using var model = _ml.Transforms.Conversion.MapKeyToVector("Place")
            .Append(_ml.Transforms.Concatenate("Features", "Place", nameof(Row.Signal)))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind)))
            .Append(_ml.MetaLearning().FewShot(learner)).Fit(keyed);

        using var session = Export(model, keyed.Schema);

        using var places = Column([.. keyed.GetColumn<uint>("Place").Select(key => (long)key)]);
        using var signals = OrtValue.CreateTensorValueFromMemory(_rows.SelectMany(row => row.Signal).ToArray(), [_rows.Length, 3]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["Place", nameof(Row.Signal)], [places, signals], ["Score"]);
        Assert.All(model.Transform(keyed).GetColumn<float[]>("Score").SelectMany(row => row)
            .Zip(outputs[0].GetTensorDataAsSpan<float>().ToArray()), pair =>
            Assert.Equal(pair.First, pair.Second, Float32Tolerance));
    }

    [Theory]
    [InlineData("one hot as binary", "OneHotEncodingTransformer")]
    [InlineData("one hot by hash", "OneHotHashEncodingTransformer")]
    [InlineData("custom", "CustomMappingTransformer")]
    public void SaveAsOnnx_StageWithoutPublicParameters_IsNamedWithWhatToDo(string name, string stage)
    {
        var data = _ml.Data.LoadFromEnumerable(_rows);
        var estimator = Inexpressible(name).Append(_ml.Transforms.Concatenate("Features", "Hidden", nameof(Row.Age)));
        var width = ((VectorDataViewType)estimator.Fit(data).GetOutputSchema(data.Schema)["Features"].Type).Size;
        using var learner = new TinyLearner { Features = width }.Load();
        using var model = estimator.Append(_ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind)))
            .Append(_ml.MetaLearning().FewShot(learner)).Fit(data);

        var error = Assert.Throws<NotSupportedException>(() => _ml.MetaLearning().SaveAsOnnx(model, data.Schema, Stream.Null));

        foreach (var part in new[] { stage, "'Hidden'", "UpstreamOnnx.Load" })
        {
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }
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
            Run(session, _rows).Scores.Select(score => MathF.Round(score, 3)));
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
        var renamed = _ml.Transforms.CopyColumns("Score", "Features").Append(_ml.Transforms.DropColumns("Features")).Fit(data)
            .Transform(data);
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
            "mean variance distribution" => concatenate.Append(_ml.Transforms.NormalizeMeanVariance("Features", useCdf: true)),
            "log mean variance" => _ml.Transforms.NormalizeLogMeanVariance(nameof(Row.Age), useCdf: true).Append(concatenate),
            "two columns" => _ml.Transforms.NormalizeMeanVariance(
                [new(nameof(Row.Signal)), new(nameof(Row.Age)), new("Other", nameof(Row.Age))], fixZero: false)
                .Append(_ml.Transforms.Concatenate("Features", "Other", nameof(Row.Age), nameof(Row.Signal))),
            "robust" => concatenate.Append(_ml.Transforms.NormalizeRobustScaling("Features")),
            "missing" => _ml.Transforms.ReplaceMissingValues(
                nameof(Row.Income), replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean)
                .Append(_ml.Transforms.NormalizeMeanVariance(nameof(Row.Income)))
                .Append(_ml.Transforms.Concatenate("Features", nameof(Row.Income), nameof(Row.Signal))),
            "indicator" => _ml.Transforms.IndicateMissingValues("IsMissing", nameof(Row.Income))
                .Append(_ml.Transforms.Conversion.ConvertType("IsMissing"))
                .Append(_ml.Transforms.Concatenate("Features", "IsMissing", nameof(Row.Signal))),
            "convert" => _ml.Transforms.Conversion.ConvertType("Count", nameof(Row.Visits))
                .Append(_ml.Transforms.Concatenate("Features", "Count", nameof(Row.Signal))),
            "one hot of integers" => Encoded(_ml.Transforms.Categorical.OneHotEncoding("Encoded", nameof(Row.Visits))),
            "one hot of numbers" => Encoded(_ml.Transforms.Categorical.OneHotEncoding("Encoded", nameof(Row.Age))),
            "one hot of doubles" => Encoded(_ml.Transforms.Categorical.OneHotEncoding("Encoded", nameof(Row.Weight))),
            "one hot of booleans" => Encoded(_ml.Transforms.Categorical.OneHotEncoding("Encoded", nameof(Row.Flag))),
            "one hot of a vector" => Encoded(_ml.Transforms.Categorical.OneHotEncoding("Encoded", nameof(Row.Tags))),
            "bag of a vector" => Encoded(
                _ml.Transforms.Categorical.OneHotEncoding("Encoded", nameof(Row.Tags), OneHotEncodingEstimator.OutputKind.Bag)),
            "one hot as key" => Encoded(
                _ml.Transforms.Categorical.OneHotEncoding("Key", nameof(Row.City), OneHotEncodingEstimator.OutputKind.Key)
                .Append(_ml.Transforms.Conversion.MapKeyToVector("Encoded", "Key"))),
            "one hot as key of integers" => EncodedKeys(nameof(Row.Visits)),
            "one hot as key of numbers" => EncodedKeys(nameof(Row.Age)),
            "one hot as key of doubles" => EncodedKeys(nameof(Row.Weight)),
            "one hot as key of booleans" => EncodedKeys(nameof(Row.Flag)),
            "keys of integers, named by text" => Encoded(
                _ml.Transforms.Conversion.MapValueToKey("Key", nameof(Row.Visits), addKeyValueAnnotationsAsText: true)
                .Append(_ml.Transforms.Conversion.MapKeyToVector("Encoded", "Key"))),
            "keys of numbers" => Encoded(_ml.Transforms.Conversion.MapValueToKey("Key", nameof(Row.Weight))
                .Append(_ml.Transforms.Conversion.MapKeyToVector("Encoded", "Key"))),
            "keys of a vector" => Encoded(_ml.Transforms.Conversion.MapValueToKey("Key", nameof(Row.Tags))
                .Append(_ml.Transforms.Conversion.MapKeyToVector("Encoded", "Key", outputCountVector: true))),
            "binary codes" => Encoded(_ml.Transforms.Conversion.MapValueToKey("Key", nameof(Row.Tags))
                .Append(_ml.Transforms.Conversion.MapKeyToBinaryVector("Encoded", "Key"))),
            "l2" => _ml.Transforms.NormalizeLpNorm("Features", nameof(Row.Signal)),
            "l1" => _ml.Transforms.NormalizeLpNorm("Features", nameof(Row.Signal), LpNormNormalizingEstimatorBase.NormFunction.L1),
            "maximum" => _ml.Transforms.NormalizeLpNorm(
                "Features", nameof(Row.Signal), LpNormNormalizingEstimatorBase.NormFunction.Infinity),
            "deviation" => _ml.Transforms.NormalizeLpNorm(
                "Features", nameof(Row.Signal), LpNormNormalizingEstimatorBase.NormFunction.StandardDeviation),
            "centred l1" => _ml.Transforms.NormalizeLpNorm(
                "Features", nameof(Row.Signal), LpNormNormalizingEstimatorBase.NormFunction.L1, ensureZeroMean: true),
            "global contrast" => _ml.Transforms.NormalizeGlobalContrast("Features", nameof(Row.Signal), scale: 3),
            "bins" => concatenate.Append(_ml.Transforms.NormalizeBinning("Features", maximumBinCount: 4, fixZero: false)),
            "bins of a number" => _ml.Transforms.NormalizeBinning(nameof(Row.Age), maximumBinCount: 3).Append(concatenate),
            "supervised bins" => _ml.Transforms.Conversion.MapValueToKey("Sort", nameof(Row.Kind)).Append(concatenate)
                .Append(_ml.Transforms.NormalizeSupervisedBinning("Features", labelColumnName: "Sort", mininimumExamplesPerBin: 3)),
            "integers" => _ml.Transforms.Concatenate("Counts", nameof(Row.Visits), nameof(Row.Visits))
                .Append(_ml.Transforms.Conversion.ConvertType("Features", "Counts")),
            "doubles" => _ml.Transforms.Conversion.ConvertType("AsDouble", nameof(Row.Signal), DataKind.Double)
                .Append(_ml.Transforms.Concatenate("Both", "AsDouble", nameof(Row.Weight)))
                .Append(_ml.Transforms.Conversion.ConvertType("Features", "Both")),
            "one hot" => _ml.Transforms.Categorical.OneHotEncoding("Place", nameof(Row.City))
                .Append(_ml.Transforms.Concatenate("Features", "Place", nameof(Row.Signal))),
            _ => _ml.Transforms.ReplaceMissingValues(nameof(Row.Income))
                .Append(_ml.Transforms.Categorical.OneHotEncoding([new("Place", nameof(Row.City))]))
                .Append(_ml.Transforms.Conversion.ConvertType("Count", nameof(Row.Visits)))
                .Append(_ml.Transforms.Concatenate("Features", "Count", "Place", nameof(Row.Income), nameof(Row.Signal), nameof(Row.Age)))
                .Append(_ml.Transforms.NormalizeMinMax("Features")),
        };
    }

    private EstimatorChain<ColumnConcatenatingTransformer> Encoded(IEstimator<ITransformer> encoding) =>
        encoding.Append(_ml.Transforms.Concatenate("Features", "Encoded", nameof(Row.Signal)));

    private EstimatorChain<ColumnConcatenatingTransformer> EncodedKeys(string column) => Encoded(
        _ml.Transforms.Categorical.OneHotEncoding("Key", column, OneHotEncodingEstimator.OutputKind.Key)
            .Append(_ml.Transforms.Conversion.MapKeyToVector("Encoded", "Key")));

    private IEstimator<ITransformer> Inexpressible(string name) => name switch
    {
        "one hot as binary" => _ml.Transforms.Categorical.OneHotEncoding(
            "Hidden", nameof(Row.City), OneHotEncodingEstimator.OutputKind.Binary),
        "one hot by hash" => _ml.Transforms.Categorical.OneHotHashEncoding("Hidden", nameof(Row.City), numberOfBits: 3),
        _ => _ml.Transforms.CustomMapping<Row, Custom>((row, output) => output.Hidden = row.Age * row.Age, contractName: null),
    };

    private InferenceSession Export(ITransformer model, DataViewSchema schema)
    {
        using var stream = new MemoryStream();
        _ml.MetaLearning().SaveAsOnnx(model, schema, stream);
        return new InferenceSession(stream.ToArray());
    }

    private static (float[] Scores, string[] Labels) Run(InferenceSession session, Row[] rows)
    {
        var values = session.InputNames.Select(name => name switch
        {
            nameof(Row.Age) => Column([.. rows.Select(row => row.Age)]),
            nameof(Row.Income) => Column([.. rows.Select(row => row.Income)]),
            nameof(Row.Visits) => Column([.. rows.Select(row => row.Visits)]),
            nameof(Row.Flag) => Column([.. rows.Select(row => row.Flag)]),
            nameof(Row.Weight) => Column([.. rows.Select(row => row.Weight)]),
            nameof(Row.Signal) => OrtValue.CreateTensorValueFromMemory(rows.SelectMany(row => row.Signal).ToArray(), [rows.Length, 3]),
            nameof(Row.Tags) => Texts([.. rows.SelectMany(row => row.Tags)], 2),
            _ => Texts([.. rows.Select(row => row.City)], 1),
        }).ToArray();
        using var options = new RunOptions();
        using var outputs = session.Run(options, session.InputNames, values, ["Score", "PredictedLabel"]);
        foreach (var value in values)
        {
            value.Dispose();
        }

        return (outputs[0].GetTensorDataAsSpan<float>().ToArray(), outputs[1].GetStringTensorAsArray());
    }

    private static OrtValue Texts(string[] texts, int slots)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [texts.Length / slots, slots]);
        for (var index = 0; index < texts.Length; index++)
        {
            value.StringTensorSetElementAt(texts[index], index);
        }

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

        [VectorType(2)]
        public string[] Tags { get; set; } = [];

        public bool Flag { get; set; }

        public double Weight { get; set; }

        public string Kind { get; set; } = "";
    }

    private sealed class Custom
    {
        public float Hidden { get; set; }
    }

    /// <summary>What meta-training is to a pipeline: an estimator whose model carries a learner.</summary>
    private sealed class LearnerEstimator(MLContext ml, Learner learner) : IEstimator<LearnerTransformer>
    {
        public LearnerTransformer Fit(IDataView input) => new(ml, learner);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }
}
