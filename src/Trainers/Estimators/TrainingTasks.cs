using System.Collections.Immutable;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Tasks;
using TorchSharp;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>What was read for a meta-training, and the learner for it.</summary>
/// <param name="Learner">The learner that fits the rows.</param>
/// <param name="Data">The rows, standardised.</param>
/// <param name="Split">Where training and validation episodes come from.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Device">Where to compute.</param>
/// <param name="Features">Standardisation of the features.</param>
/// <param name="Targets">Standardisation of the targets; null for classes.</param>
internal sealed record TrainingTasks(
    ILearner Learner, TaskData Data, TaskSplit Split, int Seed, torch.Device Device, Standardization Features, Standardization? Targets)
{
    /// <summary>What the learner file says beside θ.</summary>
    public LearnerFileContents FileContents(MetaTrainingOptions options) => new(
        options.AdaptationPhase, Features, Targets,
        Data.IsClassification && options.TaskColumnName is not null ? Data.ClassNames : (ImmutableArray<string>?)null);
}
