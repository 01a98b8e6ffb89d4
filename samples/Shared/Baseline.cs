using Microsoft.ML;
using MLNetMeta.Trainers;

namespace MLNetMeta.Samples;

/// <summary>A way to learn a task without meta-training, in several settings.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Settings">The trainer in each setting.</param>
internal sealed record Baseline(string Name, params IReadOnlyList<(string Setting, IEstimator<ITransformer> Trainer)> Settings)
{
    /// <summary>
    /// For a fair comparison, chooses the setting that works best on tasks of the history, never on the tasks that are reported.
    /// </summary>
    /// <param name="evaluate">Measures a trainer on tasks of the history.</param>
    /// <param name="higherIsBetter">True for accuracy, false for an error.</param>
    public (string Setting, IEstimator<ITransformer> Trainer) Choose(
        Func<IEstimator<ITransformer>, FewShotMetrics> evaluate, bool higherIsBetter) =>
        Settings.Count == 1 ? Settings[0] : Settings.MaxBy(s => (higherIsBetter ? 1 : -1) * evaluate(s.Trainer).Mean);
}
