using System.Collections.Immutable;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Export;

/// <summary>Writes a learner of somebody else's as graphs before it is trained: what does not fit together is found then.</summary>
internal static class TrialGraph
{
    /// <exception cref="InvalidOperationException">The learner cannot be written.</exception>
    public static void Write(ILearner learner, Phase free)
    {
        try
        {
            var targets = learner.Loss == TaskLoss.CrossEntropy ? null : Standardizer.Identity(learner.Outputs ?? 1);
            ImmutableArray<string>? classes = learner.Loss == TaskLoss.CrossEntropy && learner.Outputs is { } count
                ? [.. Enumerable.Range(1, count).Select(i => $"{i}")]
                : null;
            _ = LearnerFileWriter.Write(
                learner, ParameterSpec.Draw(learner.Slow, new Random(1)),
                new LearnerFileContents(free, Standardizer.Identity(learner.Network.Inputs), targets, classes));
        }
        catch (Exception failure) when (failure is ArgumentException or KeyNotFoundException or NotSupportedException
            or InvalidOperationException or IndexOutOfRangeException)
        {
            throw TrainerThrow.LearnerCannotBeWritten(learner.Kind, failure);
        }
    }
}
