using System.Collections.Frozen;
using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Pipelines;

namespace MLNetMeta.Transforms;

/// <summary>
/// An ONNX model that replaces the first part of a pipeline when <c>ml.MetaLearning().SaveAsOnnx</c> cannot export that part. It is a model
/// that another converter made from those stages, or an equivalent model.
/// </summary>
/// <remarks>
/// <para>
/// Each output of the model replaces a column of the pipeline. If stages replace a column by another one of the same name, the last version
/// counts. The column has the same name as the output, or the name of the output without ".output", which ML.NET's own converter appends.
/// If a model has only one output and no column has its name, the output replaces the feature column. For other names, use
/// <see cref="Columns"/>. Stages of any kind that only make such columns are left out of the export.
/// </para>
/// <para>
/// The model's first dimension, the rows, must be free. Operator sets 7 to 16 are converted to 17, and newer ones are converted down to 17,
/// unless an operator has another meaning there. Files with weights in other files, local functions or sparse constants are refused.
/// </para>
/// </remarks>
public sealed class UpstreamOnnx
{
    private const string Suffix = ".output";

    private readonly ModelProto _model;
    private readonly FrozenDictionary<string, NodeMetadata> _outputs;

    private UpstreamOnnx(byte[] file)
    {
        _model = Parse(file);
        if (_model.Functions.Count > 0)
        {
            throw Throw.UpstreamFeature("functions of its own", "inline them (onnx.inliner.inline_local_functions)");
        }

        if (OnnxGraphs.AllGraphs(_model.Graph).Any(graph => graph.SparseInitializer.Count > 0))
        {
            throw Throw.UpstreamFeature("sparse constants", "store them as dense constants");
        }

        if (OnnxGraphs.AllTensors(_model.Graph).Any(tensor => tensor.DataLocation != 0))
        {
            throw Throw.UpstreamFeature(
                "weights in other files", "write it as one file (onnx.save_model with save_as_external_data=False)");
        }

        using var session = Open(file);
        _outputs = session.OutputMetadata.ToFrozenDictionary();
        OperatorSet = _model.OpsetImport.FirstOrDefault(import => import.Domain is "" or "ai.onnx")?.Version ?? 1;
    }

    /// <summary>Which output replaces which column: names of outputs by names of columns. Empty: outputs and columns are matched by
    /// name.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; private init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Names of the model's outputs.</summary>
    public IReadOnlyList<string> Outputs => _outputs.Keys;

    /// <summary>Version of the operator set that the model was made for.</summary>
    public long OperatorSet { get; }

    /// <summary>Reads an ONNX model.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="columns">Which output replaces which column of the pipeline: names of outputs by names of columns. Null: outputs and
    /// columns are matched by name.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="FormatException">The file is damaged, or is not an ONNX model that ONNX Runtime can run.</exception>
    /// <exception cref="NotSupportedException">The model has parts that cannot be merged; the message names them.</exception>
    /// <exception cref="ArgumentException"><paramref name="columns"/> names an output that the model does not have.</exception>
    public static UpstreamOnnx Load(string path, IReadOnlyDictionary<string, string>? columns = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Load(File.ReadAllBytes(path), columns);
    }

    /// <summary>Reads an ONNX model from memory; see <see cref="Load(string, IReadOnlyDictionary{string, string})"/>.</summary>
    /// <param name="file">Content of an ONNX file.</param>
    /// <param name="columns">Which output replaces which column of the pipeline: names of outputs by names of columns. Null: outputs and
    /// columns are matched by name.</param>
    /// <exception cref="FormatException">The content is damaged, or is not an ONNX model that ONNX Runtime can run.</exception>
    /// <exception cref="NotSupportedException">The model has parts that cannot be merged; the message names them.</exception>
    /// <exception cref="ArgumentException"><paramref name="columns"/> names an output that the model does not have.</exception>
    public static UpstreamOnnx Load(ReadOnlySpan<byte> file, IReadOnlyDictionary<string, string>? columns = null)
    {
        var named = (columns ?? FrozenDictionary<string, string>.Empty).ToFrozenDictionary();
        var upstream = new UpstreamOnnx(file.ToArray()) { Columns = named };
        if (upstream.Columns.Values.FirstOrDefault(output => !upstream._outputs.ContainsKey(output)) is { } unknown)
        {
            throw Throw.NoUpstreamOutput(unknown, upstream.Outputs);
        }

        return upstream;
    }

    /// <summary>Version of the format of the file.</summary>
    internal long IrVersion => _model.IrVersion;

    /// <summary>The output that stands for a column by <see cref="Columns"/> or by its name; null when none does.</summary>
    internal string? OutputFor(string column)
    {
        if (Columns.Count > 0)
        {
            return Columns.GetValueOrDefault(column);
        }

        return _outputs.ContainsKey(column) ? column : _outputs.ContainsKey(column + Suffix) ? column + Suffix : null;
    }

    /// <summary>The only output, when nothing says for which column it stands; else null.</summary>
    internal string? Nameless(IEnumerable<DataViewSchema> schemas) =>
        Columns.Count == 0 && _outputs.Count == 1 && !schemas.Any(schema => schema.Any(column => OutputFor(column.Name) is not null))
            ? Outputs[0]
            : null;

    /// <summary>What ONNX Runtime says about an output.</summary>
    internal NodeMetadata Describe(string output) => _outputs[output];

    /// <summary>The part of the model that computes <paramref name="outputs"/>, in the operator set of this library's models; what is
    /// inside gets names that begin with <paramref name="prefix"/>, inputs keep theirs.</summary>
    internal ModelProto Part(IReadOnlyCollection<string> outputs, string prefix) => Part(outputs, prefix, anyRows: false, out _);

    /// <summary>The inputs that an output depends on.</summary>
    internal ValueInfoProto[] InputsOf(string output)
    {
        var leaves = OnnxGraphs.Leaves(_model.Graph, [output]).ToHashSet();
        var constants = _model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        return [.. _model.Graph.Input.Where(input => leaves.Contains(input.Name) && !constants.Contains(input.Name))];
    }

    /// <summary>The same; <paramref name="anyRows"/> makes a model of one row one of any number, which it may then not be able to
    /// run.</summary>
    internal ModelProto Part(IReadOnlyCollection<string> outputs, string prefix, bool anyRows, out bool wasFixed)
    {
        wasFixed = false;
        var constants = _model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        var plain = _model.Clone();
        // An input with a default value is a constant here: nobody would feed it.
        foreach (var input in plain.Graph.Input.Where(input => constants.Contains(input.Name)).ToArray())
        {
            plain.Graph.Input.Remove(input);
        }

        string[] inputs = [.. plain.Graph.Input.Select(input => input.Name)];
        var part = OnnxGraphs.Cut(plain, inputs, outputs);
        var read = OnnxGraphs.Reads(part.Graph).Concat(outputs).ToHashSet();
        foreach (var unused in part.Graph.Input.Where(input => !read.Contains(input.Name)).ToArray())
        {
            part.Graph.Input.Remove(unused);
        }

        foreach (var input in part.Graph.Input)
        {
            wasFixed |= FreeRows(input, anyRows);
        }

        if (wasFixed)
        {
            foreach (var output in part.Graph.Output)
            {
                _ = FreeRows(output, anyRows: true);
            }
        }

        OperatorSets.Convert(part, OperatorSet);
        part.OpsetImport.Clear();
        part.OpsetImport.Add(new OperatorSetIdProto { Version = OnnxModels.OperatorSet });
        part.OpsetImport.AddRange(
            _model.OpsetImport.Where(import => import.Domain is not ("" or "ai.onnx")).Select(import => import.Clone()));
        part.IrVersion = Math.Max(part.IrVersion, OnnxModels.IrVersion);
        var kept = part.Graph.Input.Select(input => input.Name).ToHashSet();
        return OnnxGraphs.Rename(part, name => kept.Contains(name) ? name : prefix + name);
    }

    /// <summary>The first dimension gets the name that it has in all inputs.</summary>
    /// <returns>Whether it was one row before.</returns>
    private static bool FreeRows(ValueInfoProto input, bool anyRows)
    {
        if (input.Type?.TensorType?.Shape?.Dim is not { Count: > 0 } dims || dims[0].DimValue > (anyRows ? 1 : 0))
        {
            throw Throw.UpstreamRows(input.Name, OnnxValues.Describe(input));
        }

        var wasOne = dims[0].DimValue == 1;
        dims[0] = new TensorShapeProto.Types.Dimension { DimParam = "rows" };
        return wasOne;
    }

    private static ModelProto Parse(byte[] file)
    {
        try
        {
            var model = ModelProto.Parser.ParseFrom(file);
            return model.Graph is null ? throw Throw.DamagedUpstream("it has no graph") : model;
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw Throw.DamagedUpstream(exception.Message, exception);
        }
    }

    private static InferenceSession Open(byte[] file)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            return new InferenceSession(file, options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw Throw.DamagedUpstream(exception.Message, exception);
        }
    }
}
