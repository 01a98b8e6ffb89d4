using System.Globalization;

namespace MLNetMeta.Transforms.Onnx;

/// <summary>Declarations of a graph's inputs and outputs.</summary>
internal static class OnnxValues
{
    /// <summary>A tensor value. A dimension is an <see cref="int"/> or <see cref="long"/> (fixed) or a <see cref="string"/> (named,
    /// free).</summary>
    public static ValueInfoProto Tensor(string name, TensorProto.Types.DataType type, params ReadOnlySpan<object> dims)
    {
        var shape = new TensorShapeProto();
        foreach (var dim in dims)
        {
            shape.Dim.Add(dim is string free
                ? new TensorShapeProto.Types.Dimension { DimParam = free }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dim, null) });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }

    /// <summary>Type and shape of a value, for errors.</summary>
    public static string Describe(ValueInfoProto value)
    {
        var tensor = value.Type?.TensorType;
        var dims = tensor?.Shape?.Dim.Select(dim =>
            dim.HasDimValue ? dim.DimValue.ToString(CultureInfo.InvariantCulture) : dim.DimParam is { Length: > 0 } name ? name : "?");
        var type = (TensorProto.Types.DataType?)tensor?.ElemType ?? TensorProto.Types.DataType.Undefined;
        return $"{type} [{string.Join(", ", dims ?? ["any"])}]";
    }

    /// <summary>A float32 tensor value.</summary>
    public static ValueInfoProto Float(string name, params ReadOnlySpan<object> dims) =>
        Tensor(name, TensorProto.Types.DataType.Float, dims);

    /// <summary>An int64 tensor value.</summary>
    public static ValueInfoProto Int64(string name, params ReadOnlySpan<object> dims) =>
        Tensor(name, TensorProto.Types.DataType.Int64, dims);
}
