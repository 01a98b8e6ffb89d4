using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Scoring;

namespace MLNetMeta.Transforms.Saving;

/// <summary>
/// Loads an exported model and runs it on a few usual and unusual rows before anybody gets it. The results must equal ML.NET's.
/// </summary>
internal static class ExportCheck
{
    private const double Tolerance = 1e-4, ScoreTolerance = 1e-3;

    // Values that formulas have a hard time with, each in a row of its own.
    private static readonly double[] _odd =
        [0, -0.0, 1, -1, 0.5, 2.5, -5, 10, 100, -1000, 1e-10, 1e-30, 1e5, 1e30, -1e30, double.NaN, double.PositiveInfinity,
            double.NegativeInfinity];

    private const int Usual = 6;

    private static int Rows => Usual + _odd.Length;

    /// <param name="onnx">The model.</param>
    /// <param name="features">The value inside that holds the features.</param>
    /// <param name="before">The stages before the adapted model.</param>
    /// <param name="model">The adapted model.</param>
    /// <param name="input">The raw columns.</param>
    /// <exception cref="NotSupportedException">ONNX Runtime refuses it, or computes something else.</exception>
    public static void Run(
        ModelProto onnx, string features, ITransformer[] before, ISingleFeaturePredictionTransformer<Learner> model, DataViewSchema input)
    {
        var shown = onnx.Clone();
        if (shown.Graph.Input.All(value => value.Name != features))
        {
            shown.Graph.Output.Add(OnnxValues.Float(features, "rows", model.Model.FeatureCount));
        }

        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var session = new InferenceSession(shown.ToByteArray(), options);
            var columns = onnx.Graph.Input.Select(value => Find(input, value)).ToArray();
            if (Array.TrueForAll(columns, column => column is not null))
            {
                Compare(session, features, before, model, input, columns!);
            }
        }
        catch (OnnxRuntimeException exception)
        {
            throw Throw.ExportRefused(exception);
        }
    }

    /// <summary>The raw column that is fed as it is to an input; null for an image, and for an input that another converter made.</summary>
    private static DataViewSchema.Column? Find(DataViewSchema input, ValueInfoProto value)
    {
        var column = input.GetColumnOrNull(value.Name);
        var dims = value.Type.TensorType.Shape.Dim;
        return column is { } found && (int?)OnnxColumn.TypeOf(found.Type) == value.Type.TensorType.ElemType
            && dims.Count == 2 && dims[1].DimValue == OnnxColumn.WidthOf(found.Type) ? column : null;
    }

    private static void Compare(
        InferenceSession session, string features, ITransformer[] before, ISingleFeaturePredictionTransformer<Learner> model,
        DataViewSchema input,
        DataViewSchema.Column?[] columns)
    {
        var random = new Random(1);
        var values = columns.ToDictionary(
            column => column!.Value.Name, column => ProbeValues.Create(column!.Value, Rows, Slots(column.Value, random)));
        var feeds = values.ToDictionary(pair => pair.Key, pair => pair.Value.ToTensor());
        try
        {
            using var run = OpenSession.CreateRun();
            var isInput = feeds.ContainsKey(features);
            using var results = session.Run(run, feeds, isInput ? [ScoreLayout.Score] : [ScoreLayout.Score, features]);
            var scores = results[0].GetTensorDataAsSpan<float>();
            var made = isInput ? feeds[features].GetTensorDataAsSpan<float>() : results[1].GetTensorDataAsSpan<float>();
            ITransformer[] whole = [.. before, model];
            for (var row = 0; row < Rows; row++)
            {
                var expected = isInput ? Part(made, row).ToArray() : Of(before, model.FeatureColumnName, row);
                Demand(model.FeatureColumnName, row, expected, Part(made, row), Tolerance);
                // What a network makes of features far from those that it has learned from is all rounding.
                if (Array.TrueForAll(expected, feature => MathF.Abs(feature) < 100))
                {
                    Demand(ScoreLayout.Score, row, Of(whole, ScoreLayout.Score, row), Part(scores, row), ScoreTolerance);
                }
            }
        }
        finally
        {
            foreach (var feed in feeds.Values)
            {
                feed.Dispose();
            }
        }

        float[] Of(ITransformer[] stages, string name, int row)
        {
            var chain = new TransformerChain<ITransformer>(stages);
            return ProbeRow.Run<float>(
                chain, input, chain.GetOutputSchema(input)[name],
                column => values.TryGetValue(column.Name, out var known)
                    ? known[row]
                    : ProbeValues.Create(column, 1, new double[OnnxColumn.WidthOf(column.Type)])[0]);
        }

        static ReadOnlySpan<float> Part(ReadOnlySpan<float> all, int row) => all.Slice(row * (all.Length / Rows), all.Length / Rows);

        void Demand(string what, int row, ReadOnlySpan<float> expected, ReadOnlySpan<float> got, double tolerance)
        {
            for (var slot = 0; slot < expected.Length; slot++)
            {
                var (x, y) = (expected[slot], got[slot]);
                if (!(x.Equals(y) || Math.Abs((double)x - y) <= tolerance * (1 + Math.Abs(x))))
                {
                    throw Throw.ExportDiffers(
                        what, slot, x, y, string.Join("; ", values.Select(pair => $"{pair.Key} = {pair.Value.Describe(row)}")));
                }
            }
        }
    }

    private static double[] Slots(DataViewSchema.Column column, Random random)
    {
        var width = OnnxColumn.WidthOf(column.Type);
        var usual = Enumerable.Range(0, Usual * width).Select(_ => Math.Round(20 * random.NextDouble() - 10, 3));
        return [.. usual, .. _odd.SelectMany(value => Enumerable.Repeat(value, width))];
    }
}
