using System.Globalization;
using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>One training on Omniglot: the library's settings for images, with the normalisation that is compared.</summary>
/// <param name="Learner">As it is called in the table.</param>
/// <param name="Normalization">Of each image alone, or over all that are scored together as in the MAML family.</param>
/// <param name="Options">All settings.</param>
internal sealed record OmniglotSettings(string Learner, ImageNormalization Normalization, InnerLoopOptions Options)
{
    private static readonly ImageShape _image = new(1, 28, 28);

    /// <summary>Both learners under both protocols.</summary>
    public static OmniglotSettings[] All { get; } =
    [
        .. from normalization in new[] { ImageNormalization.Layer, ImageNormalization.Transductive }
           from learner in new (string Name, InnerLoopOptions Options)[]
           {
               ("complex synapse, readout fast", ComplexSynapseTrainer.Options.ForImages(_image)),
               ("dual system, last block modulated", DualSystemTrainer.Options.ForImages(_image)),
           }
           select new OmniglotSettings(learner.Name, normalization, learner.Options with
           {
               Network = (ConvolutionalNetwork)learner.Options.Network with { Normalization = normalization },
           }),
    ];

    public string Name => $"{Learner}, {(Normalization == ImageNormalization.Transductive ? "transductive" : "each image alone")}";

    /// <summary>The settings that matter, in one line.</summary>
    public string Describe()
    {
        var (adaptation, training) = (Options.Adaptation, Options.Training);
        return string.Create(
            CultureInfo.InvariantCulture, $"{Options.Tasks.Describe()} a class, {training.TasksPerStep} tasks a meta-step, ")
            + string.Create(CultureInfo.InvariantCulture, $"{training.Steps} meta-steps; {string.Join("-", Network.Filters)} filters, ")
            + string.Create(CultureInfo.InvariantCulture, $"{adaptation.Steps} free steps of rate {adaptation.Optimizer.LearningRate}, ")
            + string.Create(CultureInfo.InvariantCulture, $"{Contrastive.NudgedSteps} nudged ones, β {Contrastive.Strength}, ")
            + string.Create(CultureInfo.InvariantCulture, $"meta-learning rate {training.Optimizer.LearningRate}; tests adapt in ")
            + string.Create(
                CultureInfo.InvariantCulture, $"{Options.PhaseInApp.Steps} steps of rate {Options.PhaseInApp.Optimizer.LearningRate}");
    }

    public OmniglotSettings Quick() => this with
    {
        Options = Options with
        {
            Network = Network with { Filters = [4, 4] },
            Tasks = (Episodes)Options.Tasks with { Ways = 3 },
            Adaptation = Options.Adaptation with { Steps = 3 },
            Rule = Contrastive with { NudgedSteps = 2 },
            Training = Options.Training with { TasksPerStep = 2, Steps = 3, ValidationTasks = 2 },
        },
    };

    private ConvolutionalNetwork Network => (ConvolutionalNetwork)Options.Network;

    private ContrastiveSettings Contrastive => (ContrastiveSettings)Options.Rule;
}
