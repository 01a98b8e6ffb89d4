using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>An output of an upstream model as a column of the pipeline.</summary>
internal static class UpstreamColumn
{
    private static readonly Type[] _keys = [typeof(uint), typeof(int), typeof(long), typeof(ulong)];

    /// <summary>The output as <c>[rows, slots]</c>.</summary>
    /// <exception cref="ArgumentException">It has another type or shape than the column.</exception>
    public static string Connect(PipelineGraph graph, UpstreamOnnx upstream, DataViewSchema.Column column, string output, string value)
    {
        var described = upstream.Describe(output);
        var width = OnnxColumn.WidthOf(column.Type);
        var type = OnnxColumn.TypeOf(column.Type);
        if (type is null || width == 0)
        {
            throw Throw.InexpressibleColumn(column);
        }

        var isKey = OnnxColumn.ItemType(column.Type) is KeyDataViewType;
        if (!described.IsTensor || !HasType(described, column.Type) || !HasShape(described.Dimensions, width))
        {
            throw Throw.UpstreamMismatch(output, Describe(described), column, Expected(column.Type, type.Value, width));
        }

        if (isKey)
        {
            value = graph.Nodes.Cast(value, TensorProto.Types.DataType.Int64);
        }

        return described.Dimensions.Length == 2 ? value : graph.Nodes.Flatten(value, width);
    }

    private static bool HasType(NodeMetadata output, DataViewType column) => OnnxColumn.ItemType(column) switch
    {
        TextDataViewType => output.IsString,
        KeyDataViewType => _keys.Contains(output.ElementType),
        var item => output.ElementType == item.RawType,
    };

    /// <summary>Free rows, and then as many numbers as the column has slots; a matrix of unknown width is taken at its word.</summary>
    private static bool HasShape(int[] dims, int width)
    {
        if (dims.Length == 0 || dims[0] > 0)
        {
            return false;
        }

        return dims is [_, <= 0] || dims[1..].Aggregate(1L, (product, dim) => product * Math.Max(dim, 0)) == width;
    }

    private static string Describe(NodeMetadata output) => output.IsTensor
        ? $"{(output.IsString ? "text" : output.ElementType.Name)} {Shape(output.Dimensions)}"
        : $"not a tensor but {output.OnnxValueType}";

    private static string Shape(int[] dims) =>
        dims.Length == 0 ? "of unknown shape" : $"[{string.Join(", ", dims.Select(dim => dim < 0 ? "?" : $"{dim}"))}]";

    private static string Expected(DataViewType column, TensorProto.Types.DataType type, int width)
    {
        var name = OnnxColumn.ItemType(column) is KeyDataViewType ? "integers" : $"{type}".ToLowerInvariant();
        return $"{name} [rows, {width}] with a free number of rows" + (width == 1 ? ", or [rows]" : "");
    }
}
