using MLNetMeta.Trainers;

namespace MLNetMeta.Samples;

/// <summary>The numbers of this sample, all in one place. All other settings come from the library's <c>ForImages</c>.</summary>
internal static class Settings
{
    /// <summary>
    /// The available learners. They differ in what learns a task: the readout, all weights, or the readout with gains and shifts.
    /// </summary>
    public static readonly string[] Learners = ["head", "synapse", "dual"];

    /// <summary>Number of characters for meta-training, as usual for Omniglot. The other 423 are for testing.</summary>
    public const int OmniglotTrainCharacters = 1200;

    /// <summary>
    /// Numbers of generated characters for meta-training and for testing, and of drawings of each: enough to learn from in a minute or two.
    /// </summary>
    public const int InventedTrainCharacters = 200, InventedTestCharacters = 100, InventedDrawings = 20;

    /// <summary>Side of the square images in pixels.</summary>
    public const int Size = 28;

    /// <summary>The tasks for the evaluation on unseen characters. Some have other sizes than the tasks of the meta-training.</summary>
    public static readonly (int Ways, int Shots)[] Tests = [(5, 1), (5, 5), (3, 1), (10, 1), (20, 1)];

    /// <summary>The trainer's options.</summary>
    /// <param name="learner">One of <see cref="Learners"/>.</param>
    /// <param name="size">Side of the images.</param>
    /// <param name="invented">True for the short schedule for generated characters, false for the full length for Omniglot.</param>
    public static InnerLoopOptions Of(string learner, int size, bool invented)
    {
        var image = new ImageShape(1, size, size);
        InnerLoopOptions options = learner switch
        {
            "head" => ComplexSynapseTrainer.Options.ForImages(image),
            // All weights change in every inner step, and each step runs through the whole network. A stronger pull converges in fewer
            // steps.
            "synapse" => ComplexSynapseTrainer.Options.ForImages(image) with
            {
                FastParameters = FastParameters.All,
                ConsolidationStrength = 0.5,
                Adaptation = new() { Optimizer = Optimizer.Sgd(0.03, 0.9, nesterov: true), Steps = 20 },
                Rule = MetaGradientRule.Contrastive(strength: 0.1, nudgedSteps: 10),
            },
            "dual" => DualSystemTrainer.Options.ForImages(image),
            _ => throw new ArgumentOutOfRangeException(nameof(learner), learner, $"Expected one of {string.Join(", ", Learners)}."),
        };
        return invented
            ? options with
            {
                Network = new ConvolutionalNetwork(image) { Filters = [32, 32, 32, 32] },
                Training = options.Training with { Steps = 1000, AveragingDecay = 0.99, ValidationInterval = 50 },
            }
            : options;
    }
}
