using MLNetMeta.Trainers.Torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>An estimate of ∇θ Σ L_out over the tasks of a batch.</summary>
/// <param name="Gradient">Σ ĝ over the tasks; owned.</param>
/// <param name="EvaluationLoss">Σ L_out after adaptation.</param>
/// <param name="FreeResidual">How far from an equilibrium the free phase ended.</param>
/// <param name="NudgedResidual">The largest of the nudged phases; 0 for rules without.</param>
internal sealed record MetaGradient(Parameters Gradient, double EvaluationLoss, double FreeResidual, double NudgedResidual) : IDisposable
{
    public void Dispose() => Gradient.Dispose();
}
