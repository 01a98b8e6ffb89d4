using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>Vector-Jacobian products by torch's autograd, with zeros where nothing depends on an input.</summary>
internal static class Autograd
{
    /// <summary>(∂outputs/∂inputs)ᵀ · vector; the graph stays usable.</summary>
    public static Tensor[] Product(Tensor[] outputs, Tensor[] inputs, Tensor[] vector)
    {
        using var scope = NewDisposeScope();
        var differentiable = outputs.Zip(vector).Where(pair => pair.First.requires_grad).ToArray();

        // For an input that no output depends on, torch answers with an empty tensor that stays counted as
        // alive. A last output, of weight 0, depends on all.
        var anchor = inputs.Select(i => i.sum()).Aggregate((a, b) => a.Plus(b));
        var products = autograd.grad(
            [.. differentiable.Select(p => p.First), anchor], inputs, [.. differentiable.Select(p => p.Second), zeros_like(anchor)],
            retain_graph: true);
        return Array.ConvertAll([.. products], p => p.MoveToOuterDisposeScope());
    }
}
