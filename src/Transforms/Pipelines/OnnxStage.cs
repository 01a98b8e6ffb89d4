using System.IO.Compression;
using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms.Onnx;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>
/// ApplyOnnxModel, and what is made of it, such as DnnFeaturizeImage: its model becomes a part of the exported graph. A model for one row
/// at a time is made one for any number of rows, and tried on two.
/// </summary>
internal static class OnnxStage
{
    private const double Tolerance = 1e-3;

    /// <summary>The values of the step's sources to the value of its output.</summary>
    public static string Emit(PipelineGraph graph, PipelineStep step)
    {
        var file = FileOf(step.Stage);
        var upstream = UpstreamOnnx.Load(file);
        var prefix = graph.Nodes.Fresh("model") + "/";
        var part = upstream.Part([step.Output.Name], prefix, anyRows: true, out var wasFixed);
        if (wasFixed)
        {
            TryTwoRows(file, part, step.Output.Name, prefix);
        }

        foreach (var input in part.Graph.Input)
        {
            var source = step.Sources.First(column => column.Name == input.Name);
            long[] shape = [-1, .. input.Type.TensorType.Shape.Dim.Skip(1).Select(axis => axis.DimValue)];
            graph.Nodes.Append("Reshape", [graph[source], graph.Nodes.Integers(shape)], [prefix + input.Name]);
        }

        string[] inputs = [.. part.Graph.Input.Select(input => input.Name)];
        part = OnnxGraphs.Rename(part, name => inputs.Contains(name) ? prefix + name : name);
        part.Graph.Input.Clear();
        graph.Include(part);
        return graph.Nodes.Flatten(prefix + step.Output.Name, OnnxColumn.WidthOf(step.Output.Type));
    }

    /// <summary>The transformer keeps its model to itself, but saves it.</summary>
    private static byte[] FileOf(ITransformer stage)
    {
        using var saved = new MemoryStream();
        new MLContext().Model.Save(stage, null, saved);
        saved.Position = 0;
        using var archive = new ZipArchive(saved, ZipArchiveMode.Read);
        using var entry = archive.Entries.Single(candidate => candidate.Name == "OnnxModel").Open();
        using var reader = new BinaryReader(entry);
        return reader.ReadBytes(reader.ReadInt32()); // As ML.NET writes an array of bytes: its length, then the bytes.
    }

    /// <exception cref="NotSupportedException">Two rows together are something else than each alone.</exception>
    private static void TryTwoRows(byte[] file, ModelProto part, string output, string prefix)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var alone = new InferenceSession(file, options);
            using var together = new InferenceSession(part.ToByteArray(), options);
            var random = new Random(1);
            var rows = alone.InputMetadata.Where(input => part.Graph.Input.Any(known => known.Name == input.Key)).ToDictionary(
                input => input.Key,
                input => (Shape: Array.ConvertAll(input.Value.Dimensions, axis => (long)Math.Max(1, axis)), Values: new float[2][]));
            foreach (var (_, of) in rows)
            {
                var length = of.Shape.Aggregate(1L, (a, b) => a * b);
                of.Values[0] = Draw(length);
                of.Values[1] = Draw(length);
            }

            float[] expected = [.. Run(alone, output, row: 0), .. Run(alone, output, row: 1)];
            var actual = Run(together, prefix + output, row: null);
            var size = expected.Max(Math.Abs);
            if (actual.Length != expected.Length
                || actual.Zip(expected).Any(pair => Math.Abs(pair.First - pair.Second) > Tolerance * (1 + size)))
            {
                throw Throw.OneRowModel("two rows together give other results than each row alone");
            }

            float[] Draw(long length) => [.. Enumerable.Range(0, (int)length).Select(_ => random.NextSingle())];

            float[] Run(InferenceSession session, string name, int? row)
            {
                using var run = OpenSession.CreateRun();
                var feeds = rows.ToDictionary(
                    input => input.Key, input => row is { } one
                        ? OrtValue.CreateTensorValueFromMemory(input.Value.Values[one], input.Value.Shape)
                        : OrtValue.CreateTensorValueFromMemory(
                            (float[])[.. input.Value.Values[0], .. input.Value.Values[1]], [2, .. input.Value.Shape[1..]]));
                try
                {
                    using var results = session.Run(run, feeds, [name]);
                    return results[0].GetTensorDataAsSpan<float>().ToArray();
                }
                finally
                {
                    foreach (var feed in feeds.Values)
                    {
                        feed.Dispose();
                    }
                }
            }
        }
        catch (OnnxRuntimeException failure)
        {
            throw Throw.OneRowModel(failure.Message, failure);
        }
    }
}
