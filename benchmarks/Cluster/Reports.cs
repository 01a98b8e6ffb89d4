using MLNetMeta.Trainers;

namespace MLNetMeta.Benchmarks;

/// <summary>Hears of a training on its own thread, when it is so far.</summary>
internal sealed class Reports(Action<MetaTrainingProgress> report) : IProgress<MetaTrainingProgress>
{
    public void Report(MetaTrainingProgress value) => report(value);
}
