namespace MLNetMeta.Trainers.Estimators;

/// <summary>What trainers of images have in common; found on Omniglot, as docs/guide.md explains.</summary>
internal static class ImageDefaults
{
    /// <summary>Query images of each class.</summary>
    public const int QueryRows = 3;

    public static T Of<T>(T options, ImageShape image)
        where T : InnerLoopOptions => options with
        {
            Network = new ConvolutionalNetwork(image) { Filters = [64, 64, 64, 64] },
            Standardize = false,

            // Many classes to tell apart make the embedding good; a readout that all classes start
            // from alike then learns tasks of any number of them.
            Tasks = new Episodes { Ways = 20, Shots = 1, QueryRows = QueryRows },

            // Fewer classes curve the learning loss more: at 0.1, tasks of 5 classes diverge for a learner of 20.
            Adaptation = new() { Optimizer = Optimizer.Sgd(0.03, 0.9, nesterov: true), Steps = 40 },
            Rule = MetaGradientRule.Contrastive(strength: 0.1, nudgedSteps: 20),
            Training = new()
            {
                Optimizer = Optimizer.Adam(5e-3, epsilon: 1e-8), Steps = 10_000, TasksPerStep = 4, AveragingDecay = 0.998,
                ValidationInterval = 500, Patience = null,
            },
        };
}
