using System.Globalization;
using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>One training on Omniglot: the library's settings for images, with the normalisation that is compared.</summary>
/// <param name="Learner">As it is called in the table.</param>
/// <param name="Normalization">Of each image alone, or over all that are scored together as in the MAML family.</param>
/// <param name="Options">All settings.</param>
internal sealed record OmniglotSettings(string Learner, ImageNormalization Normalization, MetaTrainingOptions Options)
{
    private static readonly ImageShape _image = new(1, 28, 28);

    /// <summary>Both learners under both protocols.</summary>
    public static OmniglotSettings[] All { get; } =
    [
        .. from normalization in new[] { ImageNormalization.Layer, ImageNormalization.Transductive }
           from learner in new (string Name, MetaTrainingOptions Options)[]
           {
               ("complex synapse, readout fast", ComplexSynapseTrainer.Options.ForImages(_image)),
               ("dual system, last block modulated", DualSystemTrainer.Options.ForImages(_image)),
           }
           select new OmniglotSettings(learner.Name, normalization, learner.Options with { ConvNet = learner.Options.ConvNet! with { Normalization = normalization } }),
    ];

    public string Name => $"{Learner}, {(Normalization == ImageNormalization.Transductive ? "transductive" : "each image alone")}";

    /// <summary>The settings that matter, in one line.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{Options.Ways}-way {Options.Shots}-shot tasks of {Options.QueryRows} queries a class, {Options.TasksPerMetaStep} a meta-step, {Options.MetaSteps} meta-steps; {string.Join("-", Options.ConvNet!.Filters)} filters, {Options.InnerSteps} free and {Options.NudgedSteps} nudged steps of rate {Options.InnerOptimizer.LearningRate}, β {Options.NudgingStrength}, meta-learning rate {Options.MetaOptimizer.LearningRate}; tests adapt in {Options.AdaptationPhase.Steps} steps of rate {Options.AdaptationPhase.Optimizer.LearningRate}");

    public OmniglotSettings Quick() => this with
    {
        Options = Options with
        {
            ConvNet = Options.ConvNet! with { Filters = [4, 4] }, Ways = 3, InnerSteps = 3, NudgedSteps = 2, TasksPerMetaStep = 2, MetaSteps = 3, ValidationTasks = 2,
        },
    };
}
