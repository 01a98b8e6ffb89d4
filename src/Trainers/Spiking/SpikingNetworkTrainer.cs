using Microsoft.ML;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Spiking;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>
/// Meta-trains a recurrent spiking network that learns a task by e-prop. No error is propagated through time, neither within a task nor
/// across tasks.
/// </summary>
/// <remarks>
/// <para>Created by <c>ml.MetaLearning().Regression.SpikingNetwork(…)</c>.</para>
/// <list type="table">
/// <listheader><term>Input column</term><description>Type</description></listheader>
/// <item><term>Label</term><description>Single or Vector&lt;Single&gt; of known size</description></item>
/// <item><term>Features</term><description>Single or Vector&lt;Single&gt; of known size: numbers, which a <see cref="PopulationCode"/>
/// encodes as spikes, or spikes</description></item>
/// <item><term>Task column</term><description>Text, key or number</description></item>
/// </list>
/// <para>
/// Output columns: none. <see cref="LearnerTransformer"/> passes rows through and holds the learner. It does not score rows:
/// <c>CreatePredictionEngine</c> refuses it, and ML.NET's <c>CrossValidate</c> finds no Score column after training on all folds. Evaluate
/// with the catalog's <c>Evaluate</c>. Adapt with <c>FewShot</c> before predicting.
/// </para>
/// <para>
/// Normalisation: features are scaled to the range of the encoding, targets according to <see cref="MetaTrainingOptions.Standardize"/>.
/// Caching: not needed, because the rows are read once into memory. Extra packages: libtorch for meta-training, none for adaptation.
/// Exportable to ONNX: the learner is an ONNX model that represents time as a Scan.
/// </para>
/// <para>
/// Algorithm (Zucchet et al., 2022, section 5.4): leaky integrate-and-fire neurons with recurrent connections and a leaky linear readout.
/// The free and the nudged phases use e-prop (Bellec et al., 2020). The meta-gradients of the consolidated weights are local to each
/// synapse. Cost of a meta-step: Adaptation.Steps + 4 · nudgedSteps presentations of the rows of each task, of
/// <see cref="SpikingNetwork.TimeSteps"/> time steps each. Memory does not grow with the number of steps.
/// </para>
/// <para>
/// The losses jump when a spike appears or disappears, so they have no Hessian. <see cref="Options.Rule"/> must be the contrastive rule, an
/// unrolled rule (which uses the pseudo-derivative), first-order MAML or Reptile.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var trainer = ml.MetaLearning().Regression.SpikingNetwork(new SpikingNetworkTrainer.Options
/// {
///     Tasks = new TaskColumn("Task"), Network = new SpikingNetwork { Neurons = 100 }, LearningRule = SpikingRule.EProp,
/// });
/// using var learner = trainer.Fit(rows).Learner;
/// </code>
/// </example>
public sealed class SpikingNetworkTrainer : IEstimator<LearnerTransformer>
{
    private readonly MetaTrainer _trainer;

    internal SpikingNetworkTrainer(MLContext context, Options options) => _trainer = new MetaTrainer(context, MetaTask.Regression, options);

    /// <summary>Options of <see cref="SpikingNetworkTrainer"/>.</summary>
    public sealed record Options : MetaTrainingOptions
    {
        /// <summary>The column that says which task a row belongs to.</summary>
        public required TaskColumn Tasks { get; init; }

        /// <summary>The network that learns.</summary>
        public SpikingNetwork Network { get; init; } = new();

        /// <summary>
        /// How the meta-gradient is estimated. The contrastive rule needs a strength. Default <see cref="MetaGradientRule.Contrastive"/>,
        /// symmetric, with β = 3 and nudged phases of 5 steps of Adam with learning rate 0.003.
        /// </summary>
        public MetaGradientRule Rule { get; init; } = MetaGradientRule.Contrastive(
            strength: 3, nudgedSteps: 5, nudgedOptimizer: Optimizer.Adam(3e-3));

        /// <summary>How a task is learned. Default 60 steps of Adam with learning rate 0.001.</summary>
        public AdaptationOptions Adaptation { get; init; } = new() { Optimizer = Optimizer.Adam(1e-3), Steps = 60 };

        /// <summary>How the network learns a task. Default <see cref="SpikingRule.EProp"/>.</summary>
        public SpikingRule LearningRule { get; init; }

        /// <summary>How the readout is compared with the target. Default <see cref="SpikingError.TimeAverage"/>.</summary>
        public SpikingError Error { get; init; } = SpikingError.TimeAverage;

        /// <summary>
        /// Strength c of the pull of each neuron's firing rate towards <see cref="FiringRateTarget"/>, at least 0. Default 0.00001.
        /// </summary>
        public double FiringRateStrength { get; init; } = 1e-5;

        /// <summary>Target of the regularisation: spikes of a neuron per time step, from 0 to 1. Default 0.2.</summary>
        public double FiringRateTarget { get; init; } = 0.2;

        /// <summary>
        /// λ, the strength of the pull towards the consolidated weights, or its initial value if it is learned. At least 0, as in a complex
        /// synapse. Default 0.1.
        /// </summary>
        public double ConsolidationStrength { get; init; } = 0.1;

        /// <summary>Whether each synapse learns its own λ. Needs a strength above 0. Default false.</summary>
        public bool LearnConsolidation { get; init; }

        /// <summary>
        /// Coverage of the prediction intervals, in [0, 1): the share of targets that should lie between the columns LowerBound and
        /// UpperBound of an adapted model. 0 for no such columns. The intervals are fitted to the validation tasks. Null (default) for 0.9.
        /// </summary>
        public double? IntervalCoverage { get; init; }

        internal override double CoverageOfIntervals => IntervalCoverage ?? DefaultCoverage;

        internal override FewShotTasks SourceOfTasks => Tasks;

        internal override MetaGradientRule GradientRule => Rule;

        internal override Phase FreePhase => Adaptation.FreePhase;

        internal override Phase PhaseInApp => Adaptation.PhaseInApp;

        internal override void Validate(bool isClassification)
        {
            base.Validate(isClassification);
            var check = default(OptionCheck);
            check.NotNull(Network, nameof(Network));
            Network.Validate();
            check.NotNull(Adaptation, nameof(Adaptation));
            Adaptation.Validate();
            check.Defined(LearningRule, nameof(LearningRule));
            check.Defined(Error, nameof(Error));
            check.Coverage(IntervalCoverage, isClassification);
            check.NotNegative(FiringRateStrength, nameof(FiringRateStrength));
            check.Within(FiringRateTarget, FiringRateTarget is >= 0 and <= 1, nameof(FiringRateTarget), "from 0 to 1 spikes per time step");
            PullCheck.Strength(Rule, ConsolidationStrength, nameof(ConsolidationStrength), LearnConsolidation, nameof(LearnConsolidation));
            if (Rule.NeedsHessian)
            {
                throw TrainerThrow.RuleCannotServe(
                    Rule.Name, "a spiking network, because its losses jump with every spike and have no Hessian",
                    "use Contrastive, Unrolled or FirstOrder");
            }

            if (Rule is ContrastiveSettings { Strength: null })
            {
                throw TrainerThrow.NoAdviceForSpikes();
            }
        }

        internal override ILearner CreateLearner(TaskShape shape, int seed)
        {
            var network = Network.Create(shape.FeatureCount, FeatureColumnName, shape.OutputCount, seed);
            return new SpikingSynapse(
                new SpikingObjective(network, Error, FiringRateStrength, FiringRateTarget), LearningRule, ConsolidationStrength,
                LearnConsolidation);
        }

        /// <summary>To [0, 1] over the range of the encoding; spikes stay as they are.</summary>
        internal override Standardization ScaleOfFeatures(TaskData data) => Network.Encoding is { } code
            ? FeatureRange.Of(data, FeatureColumnName, code.Minimum, code.Maximum, CancellationToken)
            : Standardizer.Identity(data.FeatureCount);

        internal override string Describe() => FormattableString.Invariant(
            $"SpikingNetwork, {LearningRule}, {Error}, rates {FiringRateTarget} by {FiringRateStrength}, λ {ConsolidationStrength} ")
            + (LearnConsolidation ? "learned" : "fixed") + $", {Network.Describe()}";
    }

    /// <summary>Meta-trains over the tasks of <paramref name="input"/>.</summary>
    /// <param name="input">The rows of many tasks, read once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// The rows cannot be learned from (no rows, NaN, values outside the encoding's range, tasks with too few rows), the training diverged,
    /// or the checkpoint belongs to other options.
    /// </exception>
    /// <exception cref="FormatException">The checkpoint is damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; resume from the checkpoint.</exception>
    /// <exception cref="IOException">Cancelled, and the checkpoint could not be written.</exception>
    public LearnerTransformer Fit(IDataView input) => _trainer.Fit(input);

    /// <summary>Checks the columns and passes them through.</summary>
    /// <param name="inputSchema">The columns of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _trainer.GetOutputSchema(inputSchema);
}
