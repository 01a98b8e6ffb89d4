namespace MLNetMeta.Trainers.Training;

/// <summary>What was measured on tasks after adaptation.</summary>
/// <param name="Loss">Σ L_out over the tasks, which is what meta-training lowers.</param>
/// <param name="Errors">Of each task the share of wrong predictions, or the mean squared error of standardised targets.</param>
internal sealed record Validation(double Loss, float[] Errors)
{
    /// <summary>All tasks, in the order given.</summary>
    public static Validation Sum(IReadOnlyList<Validation> parts) =>
        new(parts.Sum(part => part.Loss), [.. parts.SelectMany(part => part.Errors)]);
}
