using Microsoft.ML;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Spiking;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>Meta-trains a recurrent spiking network that learns a task by e-prop: no error is propagated through time, neither within a task nor across tasks.</summary>
/// <remarks>
/// <para>Created by <c>ml.MetaLearning().Regression.SpikingNetwork(…)</c>.</para>
/// <list type="table">
/// <listheader><term>Input column</term><description>Type</description></listheader>
/// <item><term>Label</term><description>Single or Vector&lt;Single&gt; of known size</description></item>
/// <item><term>Features</term><description>Single or Vector&lt;Single&gt; of known size: numbers, which a <see cref="PopulationCode"/> turns into spikes, or spikes</description></item>
/// <item><term>Task column</term><description>Text, key or number</description></item>
/// </list>
/// <para>
/// Output columns: none; <see cref="LearnerTransformer"/> passes rows through and carries the learner. It scores no rows: <c>CreatePredictionEngine</c> refuses it, and ML.NET's
/// <c>CrossValidate</c> finds no Score after training on all folds. Evaluate with <c>Evaluate</c> of the catalog, and adapt with <c>FewShot</c> before predicting.
/// </para>
/// <para>
/// Normalisation: features are scaled to the range of the encoding, targets as <see cref="MetaTrainingOptions.Standardize"/> says. Caching: not needed, the rows are read once
/// into memory. Extra packages: libtorch to meta-train, none to adapt. Exportable to ONNX: the learner is an ONNX model, in which time is a Scan.
/// </para>
/// <para>
/// Algorithm (Zucchet et al., 2022, section 5.4): leaky integrate-and-fire neurons with recurrent connections and a leaky linear readout; e-prop (Bellec et al., 2020) in the
/// free and the nudged phases, meta-gradients of the consolidated weights that are local to each synapse. Cost of a meta-step: InnerSteps + 4 · NudgedSteps
/// presentations of the rows of each task, of <see cref="Options.TimeSteps"/> time steps each; memory does not grow with the number of steps.
/// </para>
/// <para>
/// Losses jump where a spike comes or goes, so nothing here has a Hessian: <see cref="MetaTrainingOptions.Rule"/> must be the contrastive rule, an unrolled one (whose
/// derivatives are the pseudo-derivative's), first-order MAML or Reptile.
/// </para>
/// </remarks>
public sealed class SpikingNetworkTrainer : IEstimator<LearnerTransformer>
{
    private readonly MetaTrainer _trainer;

    internal SpikingNetworkTrainer(MLContext context, Options options)
    {
        options.Validate(isClassification: false);
        _trainer = new MetaTrainer(context, MetaTask.Regression, options, options.Describe(), (network, _) => options.Learner((SpikingNet)network));
    }

    /// <summary>Options of <see cref="SpikingNetworkTrainer"/>. <see cref="MetaTrainingOptions.Activation"/> and <see cref="MetaTrainingOptions.ConvNet"/> have no part in it.</summary>
    public sealed record Options : MetaTrainingOptions
    {
        /// <summary>Options with one layer of 100 neurons, 60 free steps of Adam with learning rate 0.001, 5 nudged steps of 0.003 with β = ±3, and outer Adam of 0.01.</summary>
        public Options()
        {
            HiddenUnits = [100];
            InnerOptimizer = Optimizer.Adam(1e-3);
            InnerSteps = 60;
            NudgedOptimizer = Optimizer.Adam(3e-3);
            NudgedSteps = 5;
            NudgingStrength = 3;
            Stencil = NudgingStencil.Symmetric;
            MetaOptimizer = Optimizer.Adam(1e-2, epsilon: 1e-8);
        }

        /// <summary>How features become spikes. Null where they are spikes already, <see cref="TimeSteps"/> · input neurons of them, time step by time step. Default <see cref="PopulationCode"/>'s.</summary>
        public PopulationCode? Encoding { get; init; } = new();

        /// <summary>Time steps that a row is presented for, at least 1. Default 20.</summary>
        public int TimeSteps { get; init; } = 20;

        /// <summary>Time constant of the neurons' potentials, in time steps, above 0. Default 30.</summary>
        public double MembraneTimeConstant { get; init; } = 30;

        /// <summary>Time constant of the readout, in time steps, above 0. Default 30.</summary>
        public double ReadoutTimeConstant { get; init; } = 30;

        /// <summary>The potential above which a neuron spikes, and what a spike costs it; above 0. Default 0.1.</summary>
        public double Threshold { get; init; } = 0.1;

        /// <summary>How the network learns a task. Default <see cref="SpikingRule.EProp"/>.</summary>
        public SpikingRule LearningRule { get; init; }

        /// <summary>What of the readout is compared with the target. Default <see cref="SpikingError.TimeAverage"/>.</summary>
        public SpikingError Error { get; init; } = SpikingError.TimeAverage;

        /// <summary>Strength c of the pull of each neuron's firing rate to <see cref="FiringRateTarget"/>, at least 0. Default 0.00001.</summary>
        public double FiringRateStrength { get; init; } = 1e-5;

        /// <summary>Spikes of a neuron for each time step that the regularisation aims at, from 0 to 1. Default 0.2.</summary>
        public double FiringRateTarget { get; init; } = 0.2;

        /// <summary>λ, the strength of the pull to the consolidated weights, or its initial value where it is learned; at least 0, as with a complex synapse. Default 0.1.</summary>
        public double ConsolidationStrength { get; init; } = 0.1;

        /// <summary>Whether each synapse learns its own λ; needs a strength above 0. Default false.</summary>
        public bool LearnConsolidation { get; init; }

        internal override void Validate(bool isClassification)
        {
            base.Validate(isClassification);
            if (HiddenUnits.Count != 1)
            {
                throw Throw.Option(nameof(HiddenUnits), string.Join(", ", HiddenUnits), "one number: a spiking network has one layer of neurons, which is recurrent");
            }

            if (ConvNet is not null)
            {
                throw TrainerThrow.SpikingConvNet();
            }

            if (MissingTargets)
            {
                throw TrainerThrow.SpikingMissingTargets();
            }

            ValidateEncoding();
            AtLeast(TimeSteps, 1, nameof(TimeSteps));
            Positive(MembraneTimeConstant, nameof(MembraneTimeConstant));
            Positive(ReadoutTimeConstant, nameof(ReadoutTimeConstant));
            Positive(Threshold, nameof(Threshold));
            Defined(LearningRule, nameof(LearningRule));
            Defined(Error, nameof(Error));
            Within(FiringRateStrength, FiringRateStrength >= 0 && double.IsFinite(FiringRateStrength), nameof(FiringRateStrength), "a finite number of at least 0");
            Within(FiringRateTarget, FiringRateTarget is >= 0 and <= 1, nameof(FiringRateTarget), "from 0 to 1 spikes per time step");
            ValidatePull(ConsolidationStrength, nameof(ConsolidationStrength), LearnConsolidation, nameof(LearnConsolidation));
            if (Rule.NeedsHessian)
            {
                throw TrainerThrow.RuleCannotServe(
                    Rule.Name, "a spiking network, whose losses jump with every spike and have no Hessian", "use Contrastive, Unrolled or FirstOrder");
            }

            if (Rule == MetaGradientRule.Contrastive && NudgingStrength is null)
            {
                throw TrainerThrow.NoAdviceForSpikes();
            }
        }

        internal override INetwork Network(int features, int? outputs, int seed)
        {
            if (Encoding is null && features % TimeSteps != 0)
            {
                throw TrainerThrow.NoWholeSpikeTrains(FeatureColumnName, features, TimeSteps);
            }

            return new SpikingNet(
                new SpikeEncoder(features, TimeSteps, Encoding, seed), new SpikingDynamics(TimeSteps, MembraneTimeConstant, ReadoutTimeConstant, Threshold),
                HiddenUnits[0], outputs!.Value);
        }

        /// <summary>To [0, 1] over the range of the encoding; spikes stay as they are.</summary>
        internal override Standardization ScaleOfFeatures(TaskData data) => Encoding is null
            ? Standardizer.Identity(data.FeatureCount)
            : FeatureRange.Of(data, FeatureColumnName, Encoding.Minimum, Encoding.Maximum, CancellationToken);

        internal SpikingSynapse Learner(SpikingNet network) => new(
            new SpikingObjective(network, Error, FiringRateStrength, FiringRateTarget), LearningRule, ConsolidationStrength, LearnConsolidation);

        internal string Describe() => FormattableString.Invariant(
            $"SpikingNetwork, {TimeSteps} steps, time constants {MembraneTimeConstant} and {ReadoutTimeConstant}, threshold {Threshold}, {Encoding?.ToString() ?? "spikes"}, {LearningRule}, {Error}, rates {FiringRateTarget} by {FiringRateStrength}, λ {ConsolidationStrength} {(LearnConsolidation ? "learned" : "fixed")}");

        private void ValidateEncoding()
        {
            if (Encoding is not { } code)
            {
                return;
            }

            AtLeast(code.Neurons, 2, nameof(PopulationCode.Neurons));
            Positive(code.Width, nameof(PopulationCode.Width));
            var isRange = code is { Minimum: { } low, Maximum: { } high } && low < high && double.IsFinite(high - low);
            Within(
                FormattableString.Invariant($"{code.Minimum} to {code.Maximum}"), isRange || (code.Minimum is null && code.Maximum is null),
                nameof(PopulationCode.Minimum), "a finite number below Maximum, or both null to take the range of the rows");
        }
    }

    /// <summary>Meta-trains over the tasks of <paramref name="input"/>.</summary>
    /// <param name="input">The rows of many tasks, read once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learned from (no rows, NaN, values outside the encoding's range, tasks with too few rows), the training diverged, or the checkpoint belongs to other options.</exception>
    /// <exception cref="FormatException">The checkpoint is damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; resume from the checkpoint.</exception>
    /// <exception cref="IOException">Cancelled, and the checkpoint could not be written.</exception>
    public LearnerTransformer Fit(IDataView input) => _trainer.Fit(input);

    /// <summary>Checks the columns and passes them through.</summary>
    /// <param name="inputSchema">The columns of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _trainer.GetOutputSchema(inputSchema);
}
