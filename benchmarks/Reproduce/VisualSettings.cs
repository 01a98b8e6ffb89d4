using System.Globalization;
using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>One training of the visual experiment.</summary>
/// <param name="Group">Trainings that belong together; <c>--only</c> takes it as it takes a name.</param>
/// <param name="Name">As it is called in the table.</param>
/// <param name="Options">All settings.</param>
internal sealed record VisualSettings(string Group, string Name, MetaTrainingOptions Options)
{
    /// <summary>The library's settings for images: the trunk is slow, so an inner step costs almost nothing.</summary>
    public const string LastLayers = "last layers";

    /// <summary>Learners whose inner loop runs the whole network, as in the paper, and references at the same budget.</summary>
    public const string AllWeights = "all weights";

    // The group of all weights; what the paper has instead is said in ScaledDown().
    private const int Filters = 32, FreeSteps = 20, NudgedSteps = 10, TasksPerStep = 4, Steps = 1000;

    private const double InnerRate = 0.05, NudgingStrength = 0.1, MetaRate = 0.01, Pull = 0.5, ModulationPull = 0.05;

    private const int SolverSteps = 10;

    // As many for each training, so that the choice of the best parameters is as good.
    private const int Validations = 20;

    private static readonly Episodes _episodes = new() { Ways = 5, Shots = 1, QueryRows = 15 };

    /// <summary>
    /// Image passes of a meta-step: forward and backward passes of one image through the trunk. A task has n support and m query images, K
    /// free steps, N nudged steps in each of two phases, S steps of a solver.
    /// </summary>
    /// <remarks>
    /// <list type="table">
    /// <listheader><term>rule</term><description>passes of a task</description></listheader>
    /// <item><term>any, trunk outside the inner loop</term><description>n + m</description></item>
    /// <item><term>contrastive, symmetric</term><description>K n + 2 N (n + m), and 2 (n + m) for the slow gradients of a dual system,
    /// which are not local</description></item>
    /// <item><term>unrolled</term><description>3 K n + m: the backward pass through a step is a Hessian-vector product</description></item>
    /// <item><term>first-order MAML</term><description>K n + m</description></item>
    /// <item><term>Reptile</term><description>K n</description></item>
    /// <item><term>conjugate gradient</term><description>K n + n + m + 2 S n</description></item>
    /// </list>
    /// </remarks>
    /// <exception cref="NotSupportedException">The passes of the rule have no formula.</exception>
    public int PassesPerStep
    {
        get
        {
            var (support, query) = (Tasks.Ways * Tasks.Shots.Minimum, Tasks.Ways * Tasks.QueryRows);
            var free = Options.FreePhase.Steps * support;
            return Options.Training.TasksPerStep * (Options.GradientRule switch
            {
                _ when !IsTrunkInInnerLoop => support + query,
                ContrastiveSettings contrastive =>
                    free + (2 * (contrastive.NudgedSteps + (Options is DualSystemTrainer.Options ? 1 : 0)) * (support + query)),
                UnrolledSettings => (3 * free) + query,
                FirstOrderSettings => free + query,
                ReptileSettings => free,
                ImplicitSettings { Solver: ConjugateGradientSolver solver } => free + support + query + (2 * solver.Steps * support),
                var rule => throw new NotSupportedException($"The image passes of the rule '{rule.Name}' have no formula."),
            });
        }
    }

    /// <summary>Image passes of the training.</summary>
    public long Budget => (long)Options.Training.Steps * PassesPerStep;

    /// <summary>All trainings for images of a shape.</summary>
    /// <param name="image">The shape.</param>
    /// <param name="changes">
    /// What is changed of every training. A changed number of meta-steps is that of the contrastive rule in the group of all weights, whose
    /// other trainings have as many as make the same number of image passes.
    /// </param>
    public static VisualSettings[] All(ImageShape image, VisualChanges? changes = null) =>
        [.. OfLastLayers(image).Select(training => training.With(changes ?? new())), .. OfAllWeights(image, changes ?? new())];

    /// <summary>What a reader of a table has to know of the group; null for nothing.</summary>
    public string? GroupNote { get; private init; }

    /// <summary>What the group of all weights has other than the paper, given its contrastive training.</summary>
    private string ScaledDown()
    {
        var (inner, training) = ((InnerLoopOptions)Options, Options.Training);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"All weights: scaled down from the paper to hours on a processor. {Network.Filters[0]} filters instead of 64; "
            + $"{inner.Adaptation.Steps} free and 2 × {((ContrastiveSettings)inner.Rule).NudgedSteps} nudged steps of rate "
            + $"{inner.Adaptation.Optimizer.LearningRate} instead of 200 and 2 × 100 of rate 0.01; {training.TasksPerStep} tasks a "
            + $"meta-step instead of 32; {training.Steps} meta-steps of the contrastive rule with one λ instead of 30 × 125. The others of "
            + $"the group have as many meta-steps as make the same number of image passes. An image pass is the forward and the backward "
            + $"pass of one image through the network below its readout; a Hessian-vector product counts as two, validation is not "
            + $"counted. All have the rates that suit the contrastive rule; none was tuned. Rules with second derivatives compute under "
            + $"libtorch's autograd, the others do not: minutes compare programs, not rules.");
    }

    /// <summary>The settings that matter, in one line.</summary>
    public string Describe()
    {
        var training = Options.Training;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Options.Describe()}; {Tasks.Describe()} a class, {training.TasksPerStep} tasks a meta-step, {training.Steps} meta-steps; ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join("-", Network.Filters)} filters, stride {Network.Stride}, pooling {Network.Pooling}, ")
            + string.Create(CultureInfo.InvariantCulture, $"normalisation {Network.Normalization}, ")
            + (Options is InnerLoopOptions inner ? InnerLoop(inner) : "")
            + string.Create(CultureInfo.InvariantCulture, $"meta-learning rate {training.Optimizer.LearningRate}")
            + (training.Augmentation is { } augmentation ? $", augmentation {augmentation.Describe()}" : "");
    }

    /// <summary>The training with what the command line changes.</summary>
    private VisualSettings With(VisualChanges changes)
    {
        var network = Network;
        network = changes.Filters is { } filters ? network with { Filters = [.. network.Filters.Select(_ => filters)] } : network;
        network = changes.MaxPooling ? network with { Stride = 1, Pooling = 2 } : network;
        var tasks = Tasks with { Ways = changes.Ways ?? Tasks.Ways, QueryRows = changes.QueryRows ?? Tasks.QueryRows };
        var optimizer = changes.MetaRate is { } rate ? Optimizer.Adam(rate, epsilon: 1e-8) : Options.Training.Optimizer;
        return With(network, tasks, Options.Training with
        {
            Steps = changes.MetaSteps ?? Options.Training.Steps,
            Optimizer = optimizer,
            Augmentation = changes.Augmentation ?? Options.Training.Augmentation,
        });
    }

    /// <summary>A tiny version, to see that it runs; budgets are not equal.</summary>
    public VisualSettings Quick()
    {
        var tiny = With(Network with { Filters = [4, 4] }, Tasks with { Ways = 3 }, Options.Training with
        {
            TasksPerStep = 2, Steps = 3, ValidationTasks = 2,
        });
        return tiny.Options is not InnerLoopOptions inner
            ? tiny
            : tiny with
            {
                Options = inner with
                {
                    Adaptation = inner.Adaptation with { Steps = 3 },
                    Rule = inner.Rule switch
                    {
                        ContrastiveSettings contrastive => contrastive with { NudgedSteps = 2 },
                        ImplicitSettings => MetaGradientRule.ConjugateGradient(2),
                        var rule => rule,
                    },
                },
            };
    }

    private VisualSettings With(ConvolutionalNetwork network, Episodes tasks, TrainingOptions training) => this with
    {
        Options = Options switch
        {
            InnerLoopOptions inner => inner with { Network = network, Tasks = tasks, Training = training },
            PrototypicalNetworkTrainer.Options prototypes => prototypes with { Network = network, Tasks = tasks, Training = training },
            var other => throw Unknown(other),
        },
    };

    /// <summary>Both learners, with images normalised alone and over all that are scored together, as in the MAML family.</summary>
    private static IEnumerable<VisualSettings> OfLastLayers(ImageShape image) =>
        from normalization in new[] { ImageNormalization.Layer, ImageNormalization.Transductive }
        from learner in new (string Name, InnerLoopOptions Options)[]
        {
            ("complex synapse, readout fast", ComplexSynapseTrainer.Options.ForImages(image)),
            ("dual system, last block modulated", DualSystemTrainer.Options.ForImages(image)),
        }
        let protocol = normalization == ImageNormalization.Transductive ? "transductive" : "each image alone"
        select new VisualSettings(LastLayers, $"{learner.Name}, {protocol}", learner.Options with
        {
            Network = (ConvolutionalNetwork)learner.Options.Network with { Normalization = normalization },
        });

    private static VisualSettings[] OfAllWeights(ImageShape image, VisualChanges changes)
    {
        var synapse = Scaled(new ComplexSynapseTrainer.Options(), image) with
        {
            FastParameters = FastParameters.All, ConsolidationStrength = Pull, LearnConsolidation = false, PullPerRow = false,
        };
        var unpulled = synapse with { ConsolidationStrength = 0 };
        var dual = Scaled(new DualSystemTrainer.Options(), image) with
        {
            ModulatedLayers = null, ModulationPull = ModulationPull, PullPerRow = false,
        };
        var prototypes = new PrototypicalNetworkTrainer.Options
        {
            Network = synapse.Network, Tasks = _episodes, Standardize = false, Training = synapse.Training,
        };
        // The closed form is where a task starts, so that the one step of the inner loop changes nothing.
        var closedForm = Scaled(new CustomLearnerTrainer.Options((network, _) => new RidgeReadout(network)) { Settings = "R2-D2" }, image)
            with { Rule = MetaGradientRule.Unrolled(), Adaptation = new() { Optimizer = Optimizer.Sgd(InnerRate), Steps = 1 } };
        var contrastive = new VisualSettings(AllWeights, "complex synapse, all weights fast, one λ", synapse).With(changes);
        contrastive = contrastive.Within(contrastive.Budget) with { GroupNote = contrastive.ScaledDown() };
        (string Name, MetaTrainingOptions Options)[] others =
        [
            ("complex synapse, all weights fast, learned λ", synapse with { LearnConsolidation = true }),
            ("dual system, all blocks modulated", dual),
            ("MAML", unpulled with { Rule = MetaGradientRule.Unrolled() }),
            ("first-order MAML", unpulled with { Rule = MetaGradientRule.FirstOrder() }),
            ("Reptile", unpulled with { Rule = MetaGradientRule.Reptile() }),
            ("iMAML", synapse with { Rule = MetaGradientRule.ConjugateGradient(SolverSteps) }),
            ("ANIL", unpulled with { Rule = MetaGradientRule.Unrolled(), FastParameters = FastParameters.Head }),
            ("prototypical network", prototypes),
            ("R2-D2", closedForm),
        ];
        return
        [
            contrastive,
            .. others.Select(
                other => new VisualSettings(AllWeights, other.Name, other.Options) { GroupNote = contrastive.GroupNote }
                    .With(changes).Within(contrastive.Budget)),
        ];
    }

    /// <summary>The paper's protocol with the constants of the group of all weights.</summary>
    private static T Scaled<T>(T options, ImageShape image)
        where T : InnerLoopOptions => options with
        {
            Network = new ConvolutionalNetwork(image)
            {
                Filters = [Filters, Filters, Filters, Filters], Stride = 1, Pooling = 2, Normalization = ImageNormalization.Transductive,
            },
            Standardize = false,
            Tasks = _episodes,
            Adaptation = new() { Optimizer = Optimizer.Sgd(InnerRate, 0.9, nesterov: true), Steps = FreeSteps },
            Rule = MetaGradientRule.Contrastive(NudgingStrength, nudgedSteps: NudgedSteps),
            Training = new()
            {
                Optimizer = Optimizer.Adam(MetaRate, epsilon: 1e-8), Steps = Steps, TasksPerStep = TasksPerStep,
                ValidationInterval = Steps / Validations, Patience = null,
            },
        };

    /// <summary>As many meta-steps as make so many image passes.</summary>
    private VisualSettings Within(long passes)
    {
        var steps = Math.Max(1, (int)Math.Round((double)passes / PassesPerStep));
        return this with
        {
            Options = Options with
            {
                Training = Options.Training with { Steps = steps, ValidationInterval = Math.Max(1, steps / Validations) },
            },
        };
    }

    private static string InnerLoop(InnerLoopOptions options)
    {
        var (adaptation, inApp) = (options.Adaptation, options.PhaseInApp);
        var rule = options.Rule switch
        {
            ContrastiveSettings contrastive => string.Create(
                CultureInfo.InvariantCulture, $"{contrastive.NudgedSteps} nudged ones, β {contrastive.Strength}"),
            ImplicitSettings { Solver: ConjugateGradientSolver solver } => string.Create(
                CultureInfo.InvariantCulture, $"{solver.Steps} steps of conjugate gradients"),
            var other => other.Name,
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{adaptation.Steps} free steps of rate {adaptation.Optimizer.LearningRate}, {rule}; "
            + $"tests adapt in {inApp.Steps} steps of rate {inApp.Optimizer.LearningRate}; ");
    }

    /// <summary>Whether inner steps run convolutions; the convolution of the first modulated block comes before its modulation.</summary>
    private bool IsTrunkInInnerLoop => Options switch
    {
        ComplexSynapseTrainer.Options synapse => synapse.FastParameters != FastParameters.Head,
        DualSystemTrainer.Options dual => dual.ModulatedLayers is not (0 or 1),
        _ => false,
    };

    private Episodes Tasks => (Episodes)Options.SourceOfTasks;

    private ConvolutionalNetwork Network => (ConvolutionalNetwork)(Options switch
    {
        InnerLoopOptions inner => inner.Network,
        PrototypicalNetworkTrainer.Options prototypes => prototypes.Network,
        var other => throw Unknown(other),
    });

    private static NotSupportedException Unknown(MetaTrainingOptions options) =>
        new($"Trainings of {options.GetType()} are not part of the experiment.");
}
