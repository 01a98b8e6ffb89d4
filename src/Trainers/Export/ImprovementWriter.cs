using MLNetMeta.Trainers.Learners;

namespace MLNetMeta.Trainers.Export;

/// <summary>Writes what makes a learner file improvable: its meta-training as three graphs.</summary>
internal static class ImprovementWriter
{
    public static Improvement Write(ILearner learner, float[] theta, LearnerFileContents contents, ImprovementSettings settings)
    {
        var contribution = MetaTrainingGraphWriter.WriteOfOneTask(learner, settings.Rule, settings.Free, contents);
        var (optimizer, state) = MetaOptimizerGraphWriter.Write(settings.Optimizer, settings.ClipNorm, theta.Length);
        var (consolidation, _) = ConsolidationGraph.Write(learner);
        var numbers = Improvement.Bytes(theta);
        return new Improvement
        {
            Lineage = Improvement.Checksum(contribution, optimizer, consolidation, numbers),
            Revision = 0,
            Theta = numbers,
            Contribution = contribution,
            Optimizer = optimizer,
            Consolidation = consolidation,
            NudgedSteps = settings.Rule.NudgedSteps,
            LearningRate = settings.Optimizer.LearningRate,
            State = state,
        };
    }
}
