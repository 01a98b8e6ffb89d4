using MLNetMeta.Trainers.Torch;

namespace MLNetMeta.Trainers.Training;

/// <summary>What some tasks add to a meta-step: the currency between whoever computes and whoever updates θ.</summary>
/// <param name="Gradient">Σ ĝ over the tasks, in the order of θ.</param>
/// <param name="Tasks">How many tasks that are.</param>
/// <param name="EvaluationLoss">Σ L_out after adaptation.</param>
/// <param name="FreeResidual">The largest of the free phases: how far from an equilibrium they ended.</param>
/// <param name="NudgedResidual">The largest of the nudged phases; 0 for rules without.</param>
internal sealed record Contribution(Parameters Gradient, int Tasks, double EvaluationLoss, double FreeResidual, double NudgedResidual) : IDisposable
{
    /// <summary>ĝ, the mean over the tasks.</summary>
    public Parameters MeanGradient() => Gradient.Scale(1.0 / Tasks);

    public double MeanLoss => EvaluationLoss / Tasks;

    public bool IsFinite => double.IsFinite(EvaluationLoss) && Gradient.IsFinite();

    /// <summary>The sum, in the order given.</summary>
    public static Contribution Sum(IReadOnlyList<Contribution> parts)
    {
        var sum = parts[0].Gradient.Clone();
        for (var p = 1; p < parts.Count; p++)
        {
            using var previous = sum;
            sum = previous.Add(parts[p].Gradient);
        }

        return new Contribution(
            sum, parts.Sum(p => p.Tasks), parts.Sum(p => p.EvaluationLoss), parts.Max(p => p.FreeResidual), parts.Max(p => p.NudgedResidual));
    }

    public void Dispose() => Gradient.Dispose();
}
