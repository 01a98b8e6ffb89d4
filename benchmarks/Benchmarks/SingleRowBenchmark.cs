using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms;

namespace MLNetMeta.Benchmarks;

/// <summary>One row at a time: PredictionEngine against a bare ONNX Runtime call that reuses its input and output.</summary>
internal static class SingleRowBenchmark
{
    private const int Calls = 2000;

    public static void Run(TextWriter output, int rounds)
    {
        var ml = new MLContext(1);
        using var learner = Learner.Load(BenchmarkModel.LearnerFile());
        using var model = BenchmarkModel.Adapt(ml, learner);
        using var onnx = new MemoryStream();
        model.SaveAsOnnx(onnx);
        using var settings = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(onnx.ToArray(), settings);

        var row = BenchmarkModel.Rows(1)[0];
        using var options = new RunOptions();
        var features = row.Features.ToArray();
        using var input = OrtValue.CreateTensorValueFromMemory(features, [1, BenchmarkModel.Features]);
        using var scores = OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, [1, BenchmarkModel.Ways]);
        using var engine = ml.Model.CreatePredictionEngine<BenchmarkModel.Row, Prediction>(
            model, new PredictionEngineOptions { OwnsTransformer = false });
        onnx.Position = 0;
        var view = ml.Data.LoadFromEnumerable([row]);
        var stock = ml.Transforms.ApplyOnnxModel(["Score"], ["Features"], onnx).Fit(view);
        using var stockEngine = ml.Model.CreatePredictionEngine<BenchmarkModel.Row, StockPrediction>(stock);
        var prediction = new Prediction();
        var stockPrediction = new StockPrediction();
        string[] inputNames = ["Features"], outputNames = ["Score"];
        OrtValue[] inputs = [input], outputs = [scores];
        new Paired("One row at a time, 16-64-64-5", rounds)
            .Add("bare ONNX Runtime call", () => session.Run(options, inputNames, inputs, outputNames, outputs))
            .Add("MLNetMeta, PredictionEngine", () => engine.Predict(row, ref prediction))
            .Add("stock ApplyOnnxModel, PredictionEngine", () => stockEngine.Predict(row, ref stockPrediction))
            .Report(output, Calls);
    }

    internal sealed class Prediction
    {
        public float[] Score { get; set; } = [];

        public uint PredictedLabel { get; set; }
    }

    internal sealed class StockPrediction
    {
        public float[] Score { get; set; } = [];
    }
}
