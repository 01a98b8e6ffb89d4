using System.Globalization;
using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>Everything that an Omniglot training depends on beside its data: the library's settings for images, and what is changed here.</summary>
/// <param name="Ways">Characters of a test task.</param>
/// <param name="Shots">Drawings of each character to learn from, in training as in the test.</param>
/// <param name="Quick">A tiny network and few steps.</param>
internal sealed record OmniglotSettings(int Ways, int Shots, bool Quick)
{
    private static readonly ImageShape _image = new(1, 28, 28);

    /// <summary>Characters of a task in training; the learner adapts to any number.</summary>
    public int TrainingWays { get; init; } = 20;

    /// <summary>Meta-steps; null for those of the library's settings.</summary>
    public int? MetaSteps { get; init; }

    public ComplexSynapseTrainer.Options Synapse => Of(ComplexSynapseTrainer.Options.ForImages(_image));

    public DualSystemTrainer.Options Dual => Of(DualSystemTrainer.Options.ForImages(_image));

    /// <summary>The settings that matter, in one line.</summary>
    public static string Describe(MetaTrainingOptions o) => string.Create(CultureInfo.InvariantCulture,
        $"{o.Ways}-way {o.Shots}-shot tasks of {o.QueryRows} queries a class, {o.TasksPerMetaStep} a meta-step; {string.Join("-", o.ConvNet!.Filters)} filters, {o.InnerSteps} free and {o.NudgedSteps} nudged steps of rate {o.InnerOptimizer.LearningRate}, β {o.NudgingStrength}, meta-learning rate {o.MetaOptimizer.LearningRate}");

    private T Of<T>(T images)
        where T : MetaTrainingOptions
    {
        var options = images with { Ways = TrainingWays, Shots = Shots, MetaSteps = MetaSteps ?? images.MetaSteps };
        return Quick
            ? options with { ConvNet = options.ConvNet! with { Filters = [4, 4] }, Ways = 3, InnerSteps = 3, NudgedSteps = 2, TasksPerMetaStep = 2, MetaSteps = MetaSteps ?? 3, ValidationTasks = 2 }
            : options;
    }
}
