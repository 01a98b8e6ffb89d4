using System.Numerics.Tensors;

namespace MLNetMeta.Trainers.Training;

/// <summary>What some tasks add to a meta-step: the currency between whoever computes and whoever updates θ.</summary>
/// <param name="Gradient">Σ ĝ over the tasks, in the order of θ.</param>
/// <param name="Tasks">How many tasks that are.</param>
/// <param name="EvaluationLoss">Σ L_out after adaptation.</param>
/// <param name="FreeResidual">The largest of the free phases: how far from an equilibrium they ended.</param>
/// <param name="NudgedResidual">The largest of the nudged phases; 0 for rules without.</param>
internal sealed record Contribution(float[] Gradient, int Tasks, double EvaluationLoss, double FreeResidual, double NudgedResidual)
{
    public double MeanLoss => EvaluationLoss / Tasks;

    public bool IsFinite => double.IsFinite(EvaluationLoss) && Array.TrueForAll(Gradient, float.IsFinite);

    /// <summary>ĝ, the mean over the tasks.</summary>
    public float[] MeanGradient()
    {
        var mean = new float[Gradient.Length];
        TensorPrimitives.Multiply(Gradient, (float)(1.0 / Tasks), mean);
        return mean;
    }

    /// <summary>The sum, in the order given.</summary>
    public static Contribution Sum(IReadOnlyList<Contribution> parts)
    {
        var sum = (float[])parts[0].Gradient.Clone();
        foreach (var part in parts.Skip(1))
        {
            TensorPrimitives.Add(sum, part.Gradient, sum);
        }

        return new Contribution(
            sum, parts.Sum(p => p.Tasks), parts.Sum(p => p.EvaluationLoss), parts.Max(p => p.FreeResidual),
            parts.Max(p => p.NudgedResidual));
    }
}
