using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Optimizers;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>φ and the optimiser's state between two steps of a phase.</summary>
/// <param name="Phi">φ, with task axis.</param>
/// <param name="Optimizer">What the optimiser remembers.</param>
/// <param name="Step">Steps taken, which say what mini-batch comes next.</param>
internal sealed record PhaseState(NamedValues<Tensor> Phi, OptimizerState<Tensor> Optimizer, int Step)
{
    public IEnumerable<Tensor> Tensors => Phi.Values.Concat(Optimizer.Flatten());

    public static PhaseState Start(NamedValues<Tensor> phi, Phase phase)
    {
        var initial = phase.Optimizer.Rule().Initial(TorchOps.Instance, phi.Values);
        return new(phi, initial.With<Tensor>(NotGiven(initial.Flatten(), ByReference(phi.Values))), 0);
    }

    /// <summary>The state after one step of an optimiser; its tensors belong to the outer dispose scope.</summary>
    public PhaseState Next(IUpdateRule rule, Tensor[] direction, double learningRate)
    {
        var (updated, optimizer) = rule.Step(TorchOps.Instance, Phi.Values, direction, Optimizer, learningRate);
        var given = ByReference(Tensors.Concat(direction));
        var next = new PhaseState(
            Phi.With(NotGiven(updated, given)), optimizer.With<Tensor>(NotGiven(optimizer.Flatten(), given)), Step + 1);
        foreach (var tensor in next.Tensors)
        {
            tensor.MoveToOuterDisposeScope();
        }

        return next;
    }

    /// <summary>The same values, cut off from how autograd says they came about.</summary>
    public PhaseState Detached() =>
        new(Phi.Select(t => t.detach()), Optimizer.With<Tensor>(Array.ConvertAll(Optimizer.Flatten(), t => t.detach())), Step);

    /// <summary>An optimiser may return what it was given, as one does that keeps the last parameters; each tensor has one owner.</summary>
    private static Tensor[] NotGiven(Tensor[] returned, HashSet<Tensor> given) =>
        Array.ConvertAll(returned, tensor => given.Contains(tensor) ? tensor.alias() : tensor);

    private static HashSet<Tensor> ByReference(IEnumerable<Tensor> tensors) =>
        tensors.ToHashSet<Tensor>(ReferenceEqualityComparer.Instance);

    public void DisposeExcept(PhaseState next)
    {
        var kept = ByReference(next.Tensors);
        foreach (var tensor in Tensors)
        {
            if (!kept.Contains(tensor))
            {
                tensor.Dispose();
            }
        }
    }
}
