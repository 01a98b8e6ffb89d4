using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>A pretrained network in front of a trainer: ML.NET's ApplyOnnxModel, asked for what a trainer needs.</summary>
internal static class Backbone
{
    /// <summary>The stages that replace the feature column by the network's output.</summary>
    /// <param name="context">Whose transforms to use.</param>
    /// <param name="path">Path of the ONNX file.</param>
    /// <param name="featureColumnName">The column to replace.</param>
    /// <param name="output">The network's output; null for the only one.</param>
    public static IEstimator<ITransformer> Create(MLContext context, string path, string featureColumnName, string? output)
    {
        var model = UpstreamOnnx.Load(path);
        var name = output ?? (model.Outputs is [var only] ? only : throw Throw.BackboneOutputs(path, model.Outputs));
        if (!model.Outputs.Contains(name))
        {
            throw Throw.NoBackboneOutput(path, name, model.Outputs);
        }

        var inputs = model.InputsOf(name);
        if (inputs is not [var input])
        {
            throw Throw.BackboneInputs(path, [.. inputs.Select(value => value.Name)]);
        }

        var axes = input.Type?.TensorType?.Shape?.Dim;
        if (input.Type?.TensorType?.ElemType != (int)TensorProto.Types.DataType.Float || axes is not { Count: >= 2 }
            || axes.Skip(1).Any(axis => axis.DimValue < 1))
        {
            throw Throw.BackboneShape(path, "input", input.Name, OnnxValues.Describe(input));
        }

        var made = model.Describe(name);
        if (made.ElementDataType != Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float || made.Dimensions.Length < 2
            || made.Dimensions.Skip(1).Any(axis => axis < 1))
        {
            throw Throw.BackboneShape(
                path, "output", name,
                $"{made.ElementDataType} [{string.Join(", ", made.Dimensions.Select(axis => axis < 0 ? "?" : $"{axis}"))}]");
        }

        string[] temporary = [.. new[] { input.Name, name }.Where(column => column != featureColumnName)];
        IEstimator<ITransformer> chain = context.Transforms.ApplyOnnxModel(name, input.Name, path);
        if (input.Name != featureColumnName)
        {
            chain = context.Transforms.CopyColumns(input.Name, featureColumnName).Append(chain);
        }

        if (name != featureColumnName)
        {
            chain = chain.Append(context.Transforms.CopyColumns(featureColumnName, name));
        }

        return temporary.Length == 0 ? chain : chain.Append(context.Transforms.DropColumns(temporary));
    }
}
