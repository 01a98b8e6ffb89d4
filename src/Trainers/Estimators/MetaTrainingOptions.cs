using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Trainers;

/// <summary>Options of meta-training that all learners share. Checked once, when the trainer is created; never written to.</summary>
public abstract record MetaTrainingOptions
{
    /// <summary>
    /// Label column: a key for classification; Single or Vector&lt;Single&gt; of known size for regression. Default "Label". Classes are named as the key's <c>KeyValues</c> say; those of a
    /// key without names by their numbers, "1", "2" and so on.
    /// </summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Feature column: Single or Vector&lt;Single&gt; of known size, dense or sparse. Default "Features".</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>
    /// The column that says which task a row belongs to: text, a key, a number or a time, told apart by value; not the label's or the features' column. Regression needs it. Classification without it draws
    /// episodes: every task has <see cref="Ways"/> of the label's classes and <see cref="Shots"/> rows of each.
    /// </summary>
    public string? TaskColumnName { get; init; }

    /// <summary>Episodes: classes of a task, at least 2. The learner adapts to any number of classes all the same. Default 5.</summary>
    public int Ways { get; init; } = 5;

    /// <summary>Episodes: support rows of each class, at least 1. Default 5: meta-train with what the app will have.</summary>
    public int Shots { get; init; } = 5;

    /// <summary>Task column: support rows of a task, at least 1; smaller tasks give what they have. Default 10.</summary>
    public int SupportRows { get; init; } = 10;

    /// <summary>Query rows of a task (of each class for episodes), at least 1. Default 15.</summary>
    public int QueryRows { get; init; } = 15;

    /// <summary>Units of each hidden layer, from input to output; empty for a linear model. Default 64, 64.</summary>
    public IReadOnlyList<int> HiddenUnits { get; init => field = ValueList.Of(value); } = ValueList.Of<int>([64, 64]);

    /// <summary>A convolutional network for images instead of hidden layers; null (default) for none. <see cref="HiddenUnits"/> and <see cref="Activation"/> have no part in it.</summary>
    public ConvNetOptions? ConvNet { get; init; }

    /// <summary>Nonlinearity of the hidden units. Default <see cref="Activation.Tanh"/>: a smooth learning loss settles to a clear equilibrium, which the rule needs.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>Whether features, and the targets of a regression, are scaled to mean 0 and variance 1 over the meta-training rows. The learner carries the scaling. Default true.</summary>
    public bool Standardize { get; init; } = true;

    /// <summary>
    /// Regression: whether NaN in the label says that this target was not observed; every row needs one that was. The losses then are means over observed targets. For feedback
    /// on what was chosen only, as in contextual bandits: a label with one element for each choice. Default false: NaN is refused.
    /// </summary>
    public bool MissingTargets { get; init; }

    /// <summary>How φ is optimised within a task, here and in the app. Default Nesterov's accelerated gradient, learning rate 0.01, momentum 0.9.</summary>
    public Optimizer InnerOptimizer { get; init; } = Optimizer.Sgd(0.01, 0.9, nesterov: true);

    private protected virtual int MinimumInnerSteps => 1;

    /// <summary>Steps of the free phase, and of an adaptation in the app; at least 1. Default 50.</summary>
    public int InnerSteps { get; init; } = 50;

    /// <summary>
    /// How the app optimises φ; null (default) for <see cref="InnerOptimizer"/>. Rules that see the equilibrium only, such as the contrastive one, leave the choice free: any optimiser ends there.
    /// Smaller steps are safer where tasks of the app may be unlike those of meta-training, for instance have fewer classes, whose learning loss is more curved.
    /// </summary>
    public Optimizer? AdaptationOptimizer { get; init; }

    /// <summary>Steps of an adaptation in the app, at least 1; null (default) for <see cref="InnerSteps"/>. The app can change it.</summary>
    public int? AdaptationSteps { get; init; }

    /// <summary>How the meta-gradient is estimated. Default <see cref="MetaGradientRule.Contrastive"/>, which the four nudging options below belong to.</summary>
    public MetaGradientRule Rule { get; init; } = MetaGradientRule.Contrastive;

    /// <summary>Steps of each nudged phase, at least 1. Default 25.</summary>
    public int NudgedSteps { get; init; } = 25;

    /// <summary>How the nudged phase is optimised; null (default) for <see cref="InnerOptimizer"/>.</summary>
    public Optimizer? NudgedOptimizer { get; init; }

    /// <summary>
    /// Nudging strength β of the evaluation loss, from 1e-6 (below which single precision sees no difference) to 1000. Null (default) to have it advised from
    /// a pilot on some tasks when training starts; see <see cref="NudgingAdvice"/>. The advice is logged.
    /// </summary>
    public double? NudgingStrength { get; init; }

    /// <summary>How free and nudged phases are compared. Default <see cref="NudgingStencil.Symmetric"/>.</summary>
    public NudgingStencil Stencil { get; init; } = NudgingStencil.Symmetric;

    /// <summary>How θ is optimised. Default Adam, learning rate 0.01.</summary>
    public Optimizer MetaOptimizer { get; init; } = Optimizer.Adam(1e-2, epsilon: 1e-8);

    /// <summary>How the meta-learning rate changes. Default <see cref="MetaLearningRateSchedule.Cosine"/>.</summary>
    public MetaLearningRateSchedule MetaLearningRateSchedule { get; init; } = MetaLearningRateSchedule.Cosine;

    /// <summary>Updates of θ, at least 1. Default 1000: where there are fewer than some thirty classes, many more fit those classes better and new ones worse.</summary>
    public int MetaSteps { get; init; } = 1000;

    /// <summary>Tasks of a meta-batch, at least 1. Default 16.</summary>
    public int TasksPerMetaStep { get; init; } = 16;

    /// <summary>Largest Euclidean norm of a meta-gradient; longer ones are scaled down; above 0, null for no limit. Default 10.</summary>
    public double? GradientClippingNorm { get; init; } = 10;

    /// <summary>Decay of the Polyak average of θ, in [0, 1); 0 for no average. The average is what is validated and kept. Default 0.99.</summary>
    public double AveragingDecay { get; init; } = 0.99;

    /// <summary>Share of the tasks (episodes: of the classes, or of their rows where there are few classes) held out to choose the best θ, in (0, 0.5]. Default 0.15.</summary>
    public double ValidationFraction { get; init; } = 0.15;

    /// <summary>Validation episodes, drawn once, at least 1. Default 64.</summary>
    public int ValidationTasks { get; init; } = 64;

    /// <summary>Meta-steps between two validations, at least 1. Default 100.</summary>
    public int ValidationInterval { get; init; } = 100;

    /// <summary>
    /// Threads that work on tasks in parallel, at least 1; null (default) for one per processor. The result does not depend on it. While they train, each has one thread of libtorch;
    /// when the last of overlapping trainings has ended, libtorch has the number of threads again that it had before the first.
    /// </summary>
    public int? NumberOfThreads { get; init; }

    /// <summary>Tasks that one thread works on at a time, at least 1. The result depends on it in the last digits only. Default 8.</summary>
    public int TasksPerShard { get; init; } = 8;

    /// <summary>Where meta-training computes: <c>cpu</c> (default), <c>cuda</c> or <c>cuda:N</c> for the N-th NVIDIA GPU, which needs a CUDA build of libtorch. On a GPU, raise <see cref="TasksPerShard"/>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Seed of everything random; null (default) to take one from the <c>MLContext</c>.</summary>
    public int? Seed { get; init; }

    /// <summary>
    /// File to keep the state of the training in; an existing file of the same options and data is resumed. Null (default) for none. Where it cannot be written, as on a full disk,
    /// a warning is logged, the training goes on and tries again at the next checkpoint. After the last meta-step too this is a warning, since the learner is there. Only a cancelled
    /// training, which the checkpoint is all that is left of, then fails with an <see cref="IOException"/>.
    /// </summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Time between two checkpoints, above zero. Default one minute.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets a report after each validation, on the calling thread; null (default) for none.</summary>
    public IProgress<MetaTrainingProgress>? Progress { get; init; }

    /// <summary>
    /// Stops the training, its pilot or a validation within a step of an inner phase, after a checkpoint of the last whole meta-step where there is a path for it. The backward pass of
    /// <see cref="MetaGradientRule.Unrolled"/> is one step.
    /// </summary>
    public CancellationToken CancellationToken { get; init; }

    internal Phase FreePhase => new(InnerOptimizer, InnerSteps);

    internal Phase AdaptationPhase => new(AdaptationOptimizer ?? InnerOptimizer, AdaptationSteps ?? InnerSteps);

    internal Phase NudgedPhase => new(NudgedOptimizer ?? InnerOptimizer, NudgedSteps);

    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">A column name is empty, or two are the same.</exception>
    internal virtual void Validate(bool isClassification)
    {
        Name(LabelColumnName, nameof(LabelColumnName));
        Name(FeatureColumnName, nameof(FeatureColumnName));
        if (TaskColumnName is not null)
        {
            Name(TaskColumnName, nameof(TaskColumnName));
        }
        else if (!isClassification)
        {
            throw TrainerThrow.TaskColumnNeeded();
        }

        TaskColumns.CheckDifferent(LabelColumnName, FeatureColumnName, TaskColumnName);
        if (MissingTargets && isClassification)
        {
            throw TrainerThrow.MissingClasses();
        }

        AtLeast(Ways, 2, nameof(Ways));
        AtLeast(Shots, 1, nameof(Shots));
        AtLeast(SupportRows, 1, nameof(SupportRows));
        AtLeast(QueryRows, 1, nameof(QueryRows));
        ArgumentNullException.ThrowIfNull(HiddenUnits);
        foreach (var units in HiddenUnits)
        {
            AtLeast(units, 1, nameof(HiddenUnits));
        }

        Defined(Activation, nameof(Activation));
        if (ConvNet is { } convNet)
        {
            ValidateConvNet(convNet);
            Within(convNet.Normalization, TaskColumnName is null || convNet.Normalization != ImageNormalization.Transductive, nameof(ConvNetOptions.Normalization),
                "of each image alone where there is a TaskColumnName: tasks have different numbers of rows, and Transductive takes all of them together");
        }

        Defined(Stencil, nameof(Stencil));
        Defined(MetaLearningRateSchedule, nameof(MetaLearningRateSchedule));
        ArgumentNullException.ThrowIfNull(InnerOptimizer);
        ArgumentNullException.ThrowIfNull(MetaOptimizer);
        ArgumentNullException.ThrowIfNull(Rule);
        AtLeast(InnerSteps, MinimumInnerSteps, nameof(InnerSteps));
        AtLeast(AdaptationSteps ?? 1, 1, nameof(AdaptationSteps));
        AtLeast(NudgedSteps, 1, nameof(NudgedSteps));
        if (NudgingStrength is { } strength)
        {
            Within(strength, strength is >= 1e-6 and <= 1000, nameof(NudgingStrength), "from 1e-6 to 1000, or null to have it advised");
        }

        AtLeast(MetaSteps, 1, nameof(MetaSteps));
        AtLeast(TasksPerMetaStep, 1, nameof(TasksPerMetaStep));
        if (GradientClippingNorm is { } norm)
        {
            Positive(norm, nameof(GradientClippingNorm));
        }

        Within(AveragingDecay, AveragingDecay is >= 0 and < 1, nameof(AveragingDecay), "at least 0 and below 1");
        Within(ValidationFraction, ValidationFraction is > 0 and <= 0.5, nameof(ValidationFraction), "above 0 and at most 0.5");
        AtLeast(ValidationTasks, 1, nameof(ValidationTasks));
        AtLeast(ValidationInterval, 1, nameof(ValidationInterval));
        AtLeast(TasksPerShard, 1, nameof(TasksPerShard));
        Within(Device, TorchDevice.IsWellFormed(Device), nameof(Device), "cpu, cuda or cuda:N");
        if (NumberOfThreads is { } threads)
        {
            AtLeast(threads, 1, nameof(NumberOfThreads));
        }

        Within(CheckpointInterval, CheckpointInterval > TimeSpan.Zero, nameof(CheckpointInterval), "longer than zero");
    }

    /// <summary>The network that these options describe.</summary>
    internal virtual INetwork Network(int features, int? outputs, int seed)
    {
        if (ConvNet is not { } convNet)
        {
            return new Mlp(features, HiddenUnits, outputs, Activation);
        }

        var network = new ConvNet(convNet, outputs);
        return network.Inputs == features
            ? network
            : throw TrainerThrow.OtherImageShape(FeatureColumnName, features, convNet.Image.Channels, convNet.Image.Height, convNet.Image.Width);
    }

    /// <summary>How the features of the meta-training rows are scaled.</summary>
    internal virtual Standardization ScaleOfFeatures(TaskData data) =>
        Standardize ? Standardizer.Fit(data.Features, data.FeatureCount, CancellationToken) : Standardizer.Identity(data.FeatureCount);

    /// <summary>A pull of strength 0 leaves its centre without influence on the equilibrium: rules that see the equilibrium only have no gradient then.</summary>
    private protected void ValidatePull(double strength, string name, bool learned, string learnedName)
    {
        Within(strength, strength >= 0 && double.IsFinite(strength), name, "a finite number of at least 0");
        if (strength > 0)
        {
            return;
        }

        if (learned)
        {
            throw TrainerThrow.LearnedZero(learnedName, name);
        }

        if (!Rule.SeesStart)
        {
            throw TrainerThrow.RuleCannotServe(
                Rule.Name, $"{name} 0, which leaves the consolidated parameters without influence on the equilibrium", $"set {name} above 0, or use Unrolled, FirstOrder or Reptile");
        }
    }

    /// <summary>Strengths that a rule has no gradient for would silently stay as they are.</summary>
    private protected void ValidateLearnedPull(bool learned, string learnedName, string name)
    {
        if (learned && !Rule.SeesStrength)
        {
            throw TrainerThrow.RuleCannotServe(
                Rule.Name, $"{learnedName}, since it gives the strengths no gradient", $"set {learnedName} to false for a fixed {name}, or use Contrastive, ConjugateGradient or Unrolled");
        }
    }

    private static void ValidateConvNet(ConvNetOptions convNet)
    {
        ArgumentNullException.ThrowIfNull(convNet.Image);
        AtLeast(convNet.Image.Channels, 1, nameof(ImageShape.Channels));
        AtLeast(convNet.Image.Height, 1, nameof(ImageShape.Height));
        AtLeast(convNet.Image.Width, 1, nameof(ImageShape.Width));
        ArgumentNullException.ThrowIfNull(convNet.Filters);
        AtLeast(convNet.Filters.Count, 1, nameof(ConvNetOptions.Filters));
        foreach (var filters in convNet.Filters)
        {
            AtLeast(filters, 1, nameof(ConvNetOptions.Filters));
        }

        AtLeast(convNet.Stride, 1, nameof(ConvNetOptions.Stride));
        AtLeast(convNet.Pooling, 1, nameof(ConvNetOptions.Pooling));
        var (height, width) = (convNet.Image.Height, convNet.Image.Width);
        foreach (var _ in convNet.Filters)
        {
            (height, width) = (Halved(height), Halved(width));
        }

        Within(convNet.Pooling, height > 0 && width > 0, nameof(ConvNetOptions.Pooling),
            $"small enough for {convNet.Filters.Count} blocks of stride {convNet.Stride} to leave something of {convNet.Image.Height} × {convNet.Image.Width} pixels");
        Defined(convNet.Normalization, nameof(ConvNetOptions.Normalization));

        int Halved(int side) => (((side - 1) / convNet.Stride) + 1) / convNet.Pooling;
    }

    private protected void ValidateRates(bool learned)
    {
        if (learned && !Rule.SeesSteps)
        {
            throw TrainerThrow.RuleCannotServe(Rule.Name, "LearnInnerRates, since what it sees does not depend on step sizes", "use Unrolled");
        }
    }

    private protected static void AtLeast(int value, int minimum, string name) => Within(value, value >= minimum, name, $"at least {minimum}");

    private protected static void Positive(double value, string name) =>
        Within(value, value > 0 && double.IsFinite(value), name, "a finite number above 0");

    private protected static void Defined<T>(T value, string name)
        where T : struct, Enum => Within(value, Enum.IsDefined(value), name, $"one of {string.Join(", ", Enum.GetNames<T>())}");

    private static void Name(string? value, string name)
    {
        if (string.IsNullOrEmpty(value))
        {
            throw Throw.EmptyOption(name);
        }
    }

    private protected static void Within(object value, bool fits, string name, string allowed)
    {
        if (!fits)
        {
            throw Throw.Option(name, value, allowed);
        }
    }
}
