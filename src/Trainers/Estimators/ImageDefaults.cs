using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>What trainers of images have in common; found on Omniglot, as docs/guide.md explains.</summary>
internal static class ImageDefaults
{
    public static T Of<T>(T options, ImageShape image)
        where T : MetaTrainingOptions => options with
        {
            ConvNet = new ConvNetOptions(image) { Filters = [64, 64, 64, 64] },
            Standardize = false,

            // Many classes to tell apart make the embedding good; a readout that all classes start from alike then learns tasks of any number of them.
            Ways = 20,
            Shots = 1,
            QueryRows = 3,

            // Fewer classes curve the learning loss more: at 0.1, tasks of 5 classes diverge for a learner of 20.
            InnerOptimizer = Optimizer.Sgd(0.03, 0.9, nesterov: true),
            InnerSteps = 40,
            NudgedSteps = 20,
            NudgingStrength = 0.1,
            MetaOptimizer = Optimizer.Adam(5e-3, epsilon: 1e-8),
            MetaSteps = 10_000,
            TasksPerMetaStep = 4,
            AveragingDecay = 0.998,
            ValidationInterval = 500,

            // Images are large: one task at a time stays in the processor's caches.
            TasksPerShard = 1,
        };
}
