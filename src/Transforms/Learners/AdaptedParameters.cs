using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Learners;

/// <summary>The result of adapting a learner to one support set: its fast parameters after adaptation, in native memory.</summary>
internal sealed class AdaptedParameters : IDisposable
{
    private readonly IReadOnlyList<OrtValue> _values;
    private readonly UseCount _uses;

    /// <param name="names">Names of the values, <c>adapted.*</c>.</param>
    /// <param name="values">The parameters, one per name; owned from now on.</param>
    /// <param name="memory">Objects that must stay alive because values use their managed memory.</param>
    public AdaptedParameters(IReadOnlyList<string> names, IReadOnlyList<OrtValue> values, IReadOnlyList<SharedFloats>? memory = null)
    {
        Names = names;
        _values = values;
        _uses = new UseCount(Throw.DisposedModel, () => Release(values, memory));
    }

    /// <summary>Parameters out of a file, already checked.</summary>
    /// <param name="tensors">One tensor of float32 for each parameter.</param>
    public static AdaptedParameters Of(IReadOnlyList<TensorProto> tensors)
    {
        SharedFloats[] memory = [.. tensors.Select(tensor => new SharedFloats(OnnxTensors.ToFloats(tensor)))];
        var values = tensors.Zip(memory, (tensor, floats) => floats.View([.. tensor.Dims]));
        return new([.. tensors.Select(tensor => tensor.Name)], [.. values], memory);
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>The native values; only inside <see cref="Use"/>.</summary>
    public IReadOnlyList<OrtValue> Values => _values;

    /// <summary>Guards a use of <see cref="Values"/> against disposal on another thread.</summary>
    public UseCount.Use Use() => _uses.Enter();

    /// <summary>Copies the parameters into ONNX constants of the same names.</summary>
    public IReadOnlyList<TensorProto> ToTensors()
    {
        using var use = Use();
        return [.. Names.Zip(_values, (name, value) =>
            OnnxTensors.Float(name, value.GetTensorTypeAndShape().Shape, value.GetTensorDataAsSpan<float>()))];
    }

    /// <summary>The name of the first parameter with a NaN or infinite element; null when all are finite.</summary>
    public string? FindNotFinite()
    {
        using var use = Use();
        for (var index = 0; index < _values.Count; index++)
        {
            foreach (var element in _values[index].GetTensorDataAsSpan<float>())
            {
                if (!float.IsFinite(element))
                {
                    return Names[index];
                }
            }
        }

        return null;
    }

    public void Dispose() => _uses.Close();

    private static void Release(IEnumerable<OrtValue> values, IReadOnlyList<SharedFloats>? memory)
    {
        foreach (var value in values)
        {
            value.Dispose();
        }

        GC.KeepAlive(memory);
    }
}
