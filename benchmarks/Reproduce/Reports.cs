using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>Hands every report of a meta-training on, at once and on its thread.</summary>
internal sealed class Reports(Action<MetaTrainingProgress> report) : IProgress<MetaTrainingProgress>
{
    public void Report(MetaTrainingProgress value) => report(value);
}
