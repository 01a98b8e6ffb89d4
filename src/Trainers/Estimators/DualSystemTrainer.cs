using System.Globalization;
using Microsoft.ML;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>Meta-trains a dual system. All tasks share a slow primary network; fast gains, shifts and a readout learn each task.</summary>
/// <remarks>
/// <para>Created by <c>ml.MetaLearning().Classification.DualSystem(…)</c> or <c>ml.MetaLearning().Regression.DualSystem(…)</c>.</para>
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
/// Algorithm (Zucchet et al., 2022, section 3.4): the units are h = σ((Wx + b) · gain + shift). The gains, shifts and readout φ minimise
/// ℓ_support(φ) + ½ Σ λᵢ(φᵢ − ωᵢ)². W, b, ω and λ have contrastive meta-gradients. Unlike in the paper, φ is pulled towards a meta-learned
/// start. An adapted model is small: two numbers per unit and a readout.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var trainer = ml.MetaLearning().Classification.DualSystem(new DualSystemTrainer.Options
/// {
///     Tasks = new TaskColumn("User"), ModulatedLayers = 1,
/// });
/// using var learner = trainer.Fit(rows).Learner;
/// </code>
/// </example>
public sealed class DualSystemTrainer : IEstimator<LearnerTransformer>
{
    private readonly MetaTrainer _trainer;

    internal DualSystemTrainer(MLContext context, MetaTask task, Options options) => _trainer = new MetaTrainer(context, task, options);

    /// <summary>Options of <see cref="DualSystemTrainer"/>.</summary>
    public sealed record Options : ConsolidationOptions
    {
        /// <summary>
        /// λ, the strength of the pull of gains, shifts and readout towards their meta-learned start, or its initial value if it is
        /// learned. At least 0. Default 5. 0 is for rules that differentiate this start (unrolled, first-order MAML). The learner is then
        /// that of CAVIA, with a fast readout.
        /// </summary>
        public double ModulationPull { get; init; } = 5;

        /// <summary>
        /// Whether each fast parameter learns its own λ. This needs a pull above 0 and a rule that gives λ a gradient: any rule except
        /// first-order MAML. Default true.
        /// </summary>
        public bool LearnModulationPull { get; init; } = true;

        /// <summary>
        /// How many of the last hidden layers (blocks of a convolutional network) are modulated, at least 0; null (default) for all. With
        /// fewer modulated layers a task is learned faster, because the layers before them are computed once and not in every inner step.
        /// </summary>
        public int? ModulatedLayers { get; init; }

        /// <summary>Settings for images of many classes: a convolutional network in which the last block is modulated.</summary>
        /// <param name="image">Shape of the images.</param>
        public static Options ForImages(ImageShape image)
        {
            var options = ImageDefaults.Of(new Options(), image);
            return options with
            {
                ModulatedLayers = 1,
                ModulationPull = 0.05,
                PullPerRow = false,
                Training = options.Training with { Steps = 8_000 },

                // The rate of meta-training is the largest that its twenty classes bear;
                // fewer classes, and longer phases, want smaller steps.
                Adaptation = options.Adaptation with { OptimizerInApp = Optimizer.Sgd(0.01, 0.9, nesterov: true), StepsInApp = 120 },
            };
        }

        internal override void Validate(bool isClassification)
        {
            base.Validate(isClassification);
            default(OptionCheck).AtLeast(ModulatedLayers ?? 0, 0, nameof(ModulatedLayers));
            if (!Rule.SeesSharedParameters)
            {
                throw TrainerThrow.RuleCannotServe(
                    Rule.Name, "a dual system, because adaptation leaves the slow network unchanged",
                    "use FirstOrder, or a complex synapse");
            }

            PullCheck.Strength(Rule, ModulationPull, nameof(ModulationPull), LearnModulationPull, nameof(LearnModulationPull));
        }

        internal override ILearner CreateLearner(Network network, TaskLoss loss) =>
            new DualSystem(
            network, loss, ModulationPull, LearnModulationPull, LearnInnerRates, ModulatedLayers ?? int.MaxValue, PullPerRow);

        internal override string Describe() => FormattableString.Invariant($"DualSystem, λ {ModulationPull} ")
            + FormattableString.Invariant($"{(LearnModulationPull ? "learned" : "fixed")}{PullInWords}, {RatesInWords}, modulated layers ")
            + (ModulatedLayers?.ToString(CultureInfo.InvariantCulture) ?? "all");
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
