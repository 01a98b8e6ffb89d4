using System.Collections.Immutable;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Export;

/// <summary>
/// Writes a learner with parts of somebody else's as a file, and adapts it once, before it is trained: what does not fit together is found
/// then, and not at the end of the training.
/// </summary>
internal static class TrialGraph
{
    private const int Classes = 3;

    /// <param name="learner">The learner.</param>
    /// <param name="inApp">How it adapts in the app.</param>
    /// <exception cref="InvalidOperationException">The learner cannot be written, or ONNX Runtime refuses what was written.</exception>
    public static void Run(ILearner learner, Phase inApp)
    {
        try
        {
            var isClassification = learner.Loss == TaskLoss.CrossEntropy;
            var outputs = learner.Outputs ?? Classes;
            ImmutableArray<string>? classes = isClassification && learner.Outputs is not null
                ? [.. Enumerable.Range(1, outputs).Select(i => $"{i}")]
                : null;
            var file = LearnerFileWriter.Write(
                learner, ParameterSpec.Draw(learner.Slow, new Random(1)),
                new LearnerFileContents(
                    inApp, Standardizer.Identity(learner.Network.Inputs),
                    isClassification ? null : Standardizer.Identity(outputs), classes));
            if (learner.Network.IsTransductive)
            {
                return; // Such a learner is never loaded.
            }

            using var loaded = Learner.Load(file);
            var rows = isClassification ? outputs : 2;
            loaded.Adapt(new SupportSet(
                rows, new float[rows * learner.Network.Inputs],
                isClassification ? [.. Enumerable.Range(0, rows).Select(i => (long)i)] : null,
                isClassification ? null : new float[rows * outputs])).Dispose();
        }
        catch (Exception failure) when (failure is not (OutOfMemoryException or OperationCanceledException))
        {
            throw TrainerThrow.LearnerCannotBeWritten(learner.Kind, failure);
        }
    }
}
