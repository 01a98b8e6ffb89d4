using Microsoft.ML;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>
/// Meta-trains a complex synapse: every weight of a network learns a task fast, and is consolidated in slow hidden states. All tasks share
/// the slow states.
/// </summary>
/// <remarks>
/// <para>Created by <c>ml.MetaLearning().Classification.ComplexSynapse(…)</c> or
/// <c>ml.MetaLearning().Regression.ComplexSynapse(…)</c>.</para>
/// <list type="table">
/// <listheader><term>Input column</term><description>Type</description></listheader>
/// <item><term>Label</term><description>Classification: key of type UInt32. Regression: Single or
/// Vector&lt;Single&gt; of known size</description></item>
/// <item><term>Features</term><description>Single or Vector&lt;Single&gt; of known size, dense or sparse</description></item>
/// <item><term>Task column</term><description>Text, key or number. Optional for classification: without it, episodes are drawn from the
/// classes in the label column</description></item>
/// </list>
/// <para>
/// Output columns: none. <see cref="LearnerTransformer"/> passes rows through and holds the learner. It does not score rows:
/// <c>CreatePredictionEngine</c> refuses it, and ML.NET's <c>CrossValidate</c> finds no Score column after training on all folds. Evaluate
/// with the catalog's <c>Evaluate</c>. Adapt with <c>FewShot</c> before predicting.
/// </para>
/// <para>
/// Normalisation: built in, see <see cref="MetaTrainingOptions.Standardize"/>. Caching: not needed, because the rows are read once into
/// memory. Extra packages: libtorch for meta-training, none for adaptation. Exportable to ONNX: the learner is an ONNX model.
/// </para>
/// <para>
/// Algorithm (Zucchet et al., 2022, section 3.3): the learning loss is ℓ_support(φ) + ½ Σ λᵢ(ωᵢ − φᵢ)². The contrastive meta-gradients of ω
/// and λ are local to each synapse. Cost of a meta-step: Adaptation.Steps + 2 · nudgedSteps gradients of the network for each task. Memory
/// does not grow with the number of steps. If <see cref="Options.LearnConsolidation"/> is false, λ is one fixed number. This is the
/// regulariser of iMAML (Rajeswaran et al., 2019).
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var trainer = ml.MetaLearning().Regression.ComplexSynapse(taskColumnName: "Machine");
/// using var learner = trainer.Fit(rows).Learner;                       // once, offline
/// using var model = ml.MetaLearning().FewShot(learner).Fit(fewRows);   // for each new machine
/// </code>
/// </example>
public sealed class ComplexSynapseTrainer : IEstimator<LearnerTransformer>
{
    private readonly MetaTrainer _trainer;

    internal ComplexSynapseTrainer(MLContext context, MetaTask task, Options options) => _trainer = new MetaTrainer(context, task, options);

    /// <summary>Options of <see cref="ComplexSynapseTrainer"/>.</summary>
    public sealed record Options : ConsolidationOptions
    {
        /// <summary>
        /// λ, the strength of the pull towards the consolidated weights, or its initial value if it is learned. At least 0. Default 5. 0 is
        /// for rules that differentiate the start of the fast weights (unrolled, first-order MAML, Reptile). The learner is then that of
        /// MAML.
        /// </summary>
        public double ConsolidationStrength { get; init; } = 5;

        /// <summary>
        /// Whether each synapse learns its own λ. This needs a strength above 0 and a rule that gives λ a gradient: any rule except
        /// first-order MAML and Reptile. Default true.
        /// </summary>
        public bool LearnConsolidation { get; init; } = true;

        /// <summary>Which weights learn a task. Default <see cref="FastParameters.All"/>.</summary>
        public FastParameters FastParameters { get; init; }

        /// <summary>Settings for images of many classes: a convolutional network in which only the readout learns a task.</summary>
        /// <param name="image">Shape of the images.</param>
        public static Options ForImages(ImageShape image) => ImageDefaults.Of(new Options(), image) with
        {
            FastParameters = FastParameters.Head,
            ConsolidationStrength = 0.01,
            PullPerRow = false,
        };

        internal override void Validate(bool isClassification)
        {
            base.Validate(isClassification);
            default(OptionCheck).Defined(FastParameters, nameof(FastParameters));
            if (FastParameters == FastParameters.Body && isClassification && TaskColumnName is null)
            {
                throw TrainerThrow.BodyOfEpisodes();
            }

            if (FastParameters != FastParameters.All && !Rule.SeesSharedParameters)
            {
                throw TrainerThrow.RuleCannotServe(
                    Rule.Name, $"{nameof(FastParameters)} {FastParameters}, because adaptation leaves the shared weights unchanged",
                    "set FastParameters to All, or use FirstOrder");
            }

            PullCheck.Strength(Rule, ConsolidationStrength, nameof(ConsolidationStrength), LearnConsolidation, nameof(LearnConsolidation));
        }

        internal override ILearner CreateLearner(Network network, TaskLoss loss) =>
            new ComplexSynapse(network, loss, ConsolidationStrength, LearnConsolidation, FastParameters, LearnInnerRates, PullPerRow);

        internal override string Describe() => FormattableString.Invariant($"ComplexSynapse, λ {ConsolidationStrength} ")
            + $"{(LearnConsolidation ? "learned" : "fixed")}{PullInWords}, fast {FastParameters}, {RatesInWords}";
    }

    /// <summary>Meta-trains over the tasks of <paramref name="input"/>.</summary>
    /// <param name="input">The rows of many tasks, read once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// The rows cannot be learned from (no rows, NaN, tasks or classes with too few rows), the training
    /// diverged, or the checkpoint belongs to other options.
    /// </exception>
    /// <exception cref="FormatException">The checkpoint is damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; resume from the checkpoint.</exception>
    /// <exception cref="IOException">Cancelled, and the checkpoint could not be written.</exception>
    public LearnerTransformer Fit(IDataView input) => _trainer.Fit(input);

    /// <summary>
    /// Finds the nudging strength and the numbers of steps that the contrastive rule should use, by measurements on some tasks of
    /// <paramref name="input"/>. This takes seconds.
    /// </summary>
    /// <param name="input">The rows of many tasks, read once.</param>
    /// <param name="tolerance">
    /// The relative error of the meta-gradient to reach. Steps are doubled, at most three times, until it is reached. Default 0.1.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type, or the tolerance is not above 0.</exception>
    /// <exception cref="InvalidOperationException">
    /// The rows cannot be learned from, the rule is not contrastive, or a phase diverges.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public NudgingAdvice Advise(IDataView input, double tolerance = 0.1) =>
        _trainer.Advise(input, tolerance);

    /// <summary>Checks the columns and passes them through.</summary>
    /// <param name="inputSchema">The columns of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _trainer.GetOutputSchema(inputSchema);
}
