using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms;

namespace MLNetMeta.Benchmarks;

/// <summary>
/// Rows per second of one adapted model: bare ONNX Runtime in batches, this library through IDataView, and stock ApplyOnnxModel.
/// </summary>
internal sealed class ScoringBenchmark : IDisposable
{
    private const int RowCount = 100_000;
    private const int BareBatch = 1024;

    private readonly MLContext _ml = new(1);
    private readonly Learner _learner = Learner.Load(BenchmarkModel.LearnerFile());
    private readonly FewShotPredictionTransformer _model;
    private readonly InferenceSession _session;
    private readonly BenchmarkModel.Row[] _rows = BenchmarkModel.Rows(RowCount);

    public ScoringBenchmark()
    {
        _model = BenchmarkModel.Adapt(_ml, _learner);
        using var onnx = new MemoryStream();
        _model.SaveAsOnnx(onnx);
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _session = new InferenceSession(onnx.ToArray(), options);
    }

    public void Run(TextWriter output, int rounds)
    {
        float[] features = [.. _rows.SelectMany(row => row.Features)];
        var view = _ml.Data.LoadFromEnumerable(_rows);
        var cached = _ml.Data.Cache(view, nameof(BenchmarkModel.Row.Features));
        using var onnx = new MemoryStream();
        _model.SaveAsOnnx(onnx);
        onnx.Position = 0;
        using var stock = _ml.Transforms.ApplyOnnxModel(["Score"], ["Features"], onnx).Fit(view);

        var sum = Bare(features);
        Check(sum, Read(_model.Transform(view)));
        Check(sum, Read(stock.Transform(view)));
        new Paired($"Scoring {RowCount} rows of a 16-64-64-5 model, only Score read", rounds)
            .Add($"bare ONNX Runtime session, batches of {BareBatch}", () => Bare(features))
            .Add("MLNetMeta, from objects", () => Read(_model.Transform(view)))
            .Add("MLNetMeta, from a cached view", () => Read(_model.Transform(cached)))
            .Add("stock ApplyOnnxModel, from objects", () => Read(stock.Transform(view)))
            .Add("reading the features alone, from objects", () => Read(view, "Features"))
            .Add("reading the features alone, from a cached view", () => Read(cached, "Features"))
            .Report(output);
    }

    public void Dispose()
    {
        _session.Dispose();
        _model.Dispose();
        _learner.Dispose();
    }

    private double Bare(float[] features)
    {
        var scores = new float[BareBatch * BenchmarkModel.Ways];
        using var options = new RunOptions();
        var sum = 0.0;
        for (var first = 0; first < RowCount; first += BareBatch)
        {
            var rows = Math.Min(BareBatch, RowCount - first);
            using var input = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, features.AsMemory(first * BenchmarkModel.Features, rows * BenchmarkModel.Features),
                [rows, BenchmarkModel.Features]);
            using var result = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, scores.AsMemory(0, rows * BenchmarkModel.Ways), [rows, BenchmarkModel.Ways]);
            _session.Run(options, ["Features"], [input], ["Score"], [result]);
            for (var row = 0; row < rows; row++)
            {
                sum += scores[row * BenchmarkModel.Ways];
            }
        }
        return sum;
    }

    /// <summary>The sum of a vector column's first elements: every row is read, as an app would.</summary>
    private static double Read(IDataView view, string name = "Score")
    {
        var column = view.Schema[name];
        using var cursor = view.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> value = default;
        var sum = 0.0;
        while (cursor.MoveNext())
        {
            getter(ref value);
            sum += value.GetValues()[0];
        }
        return sum;
    }

    private static void Check(double expected, double actual)
    {
        if (Math.Abs(expected - actual) > 1e-5 * RowCount)
        {
            throw new InvalidOperationException($"The ways to score disagree: {expected} against {actual}.");
        }
    }
}
