using MLNetMeta.Trainers;

namespace MLNetMeta.Samples;

/// <summary>How a learner learns a task, and how it is nudged.</summary>
/// <param name="Optimizer">The inner optimiser.</param>
/// <param name="FreeSteps">Steps of the free phase; adaptation in the app takes as many.</param>
/// <param name="NudgedSteps">Steps of each nudged phase.</param>
/// <param name="Pull">λ at first: how strongly fast parameters are pulled to their slow state.</param>
/// <param name="NudgingStrength">β.</param>
internal sealed record InnerLoop(Optimizer Optimizer, int FreeSteps, int NudgedSteps, double Pull, double NudgingStrength);

/// <summary>The numbers of a meta-training: all there are, in one place. Some can be changed on the command line.</summary>
internal sealed record Settings
{
    /// <summary>The learners to choose from: only the readout is fast, or all weights are, or gains, shifts and readout are.</summary>
    public static readonly string[] Learners = ["head", "synapse", "dual"];

    /// <summary>The custom of the field for Omniglot: characters to meta-train on; the 423 others are tested on.</summary>
    public const int OmniglotTrainCharacters = 1200;

    /// <summary>Invented characters to meta-train on and to test on, and drawings of each: enough to learn from in a minute.</summary>
    public const int InventedTrainCharacters = 200, InventedTestCharacters = 100, InventedDrawings = 20;

    /// <summary>Side of the square images in pixels.</summary>
    public int Size { get; init; } = 28;

    /// <summary>Filters of each block of the network; each block halves the image.</summary>
    public IReadOnlyList<int> Filters { get; init; } = [32, 32, 32, 32];

    public required int MetaSteps { get; init; }

    public required int TasksPerMetaStep { get; init; }

    /// <summary>Labelled drawings of each of the five characters of a meta-training task.</summary>
    public int Shots { get; init; } = 1;

    public int Ways { get; init; } = 5;

    /// <summary>Drawings of each character that a meta-training task is evaluated on.</summary>
    public int QueryRows { get; init; } = 15;

    public required double MetaLearningRate { get; init; }

    public int ValidationTasks { get; init; } = 64;

    /// <summary>The full-length schedule.</summary>
    public static Settings Omniglot { get; } = new() { MetaSteps = 4000, TasksPerMetaStep = 16, MetaLearningRate = 2e-3 };

    /// <summary>A short one, for characters that are invented.</summary>
    public static Settings Invented { get; } = new() { Filters = [16, 32, 32, 32], MetaSteps = 1000, TasksPerMetaStep = 8, QueryRows = 5, MetaLearningRate = 5e-3 };

    /// <summary>The trainer's options for one of <see cref="Learners"/>.</summary>
    public MetaTrainingOptions Options(string learner)
    {
        var (options, loop) = Of(learner);
        return options with
        {
            Ways = Ways,
            Shots = Shots,
            QueryRows = QueryRows,
            ConvNet = new ConvNetOptions(new ImageShape(1, Size, Size)) { Filters = Filters },
            // Pixels run from 0 to 1; those of the margin never change.
            Standardize = false,
            InnerOptimizer = loop.Optimizer,
            InnerSteps = loop.FreeSteps,
            NudgedSteps = loop.NudgedSteps,
            NudgingStrength = loop.NudgingStrength,
            MetaOptimizer = Optimizer.Adam(MetaLearningRate),
            MetaSteps = MetaSteps,
            TasksPerMetaStep = TasksPerMetaStep,
            ValidationTasks = ValidationTasks,
            ValidationInterval = Math.Max(10, MetaSteps / 40),
        };
    }

    private static (MetaTrainingOptions Options, InnerLoop Loop) Of(string learner)
    {
        var loop = learner switch
        {
            "head" => new InnerLoop(Optimizer.Sgd(0.05, 0.9, nesterov: true), FreeSteps: 40, NudgedSteps: 20, Pull: 0.1, NudgingStrength: 0.1),
            "synapse" => new InnerLoop(Optimizer.Sgd(0.02, 0.9, nesterov: true), FreeSteps: 40, NudgedSteps: 20, Pull: 0.5, NudgingStrength: 0.1),
            "dual" => new InnerLoop(Optimizer.Sgd(0.05, 0.9, nesterov: true), FreeSteps: 30, NudgedSteps: 15, Pull: 0.1, NudgingStrength: 0.1),
            _ => throw new ArgumentOutOfRangeException(nameof(learner), learner, $"Expected one of {string.Join(", ", Learners)}."),
        };
        return learner == "dual"
            ? (new DualSystemTrainer.Options { ModulationPull = loop.Pull }, loop)
            : (new ComplexSynapseTrainer.Options { ConsolidationStrength = loop.Pull, FastParameters = learner == "head" ? FastParameters.Head : FastParameters.All }, loop);
    }
}
