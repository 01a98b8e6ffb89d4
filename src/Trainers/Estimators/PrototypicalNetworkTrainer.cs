using Microsoft.ML;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>Meta-trains a prototypical network (Snell et al., 2017): a class is the mean embedding of its support rows.</summary>
/// <remarks>
/// <para>
/// Created by <c>ml.MetaLearning().Classification.PrototypicalNetwork(…)</c>. It is a baseline for the learners that adapt by gradient
/// descent.
/// </para>
/// <list type="table">
/// <listheader><term>Input column</term><description>Type</description></listheader>
/// <item><term>Label</term><description>Key of type UInt32</description></item>
/// <item><term>Features</term><description>Single or Vector&lt;Single&gt; of known size, dense or sparse</description></item>
/// </list>
/// <para>
/// Tasks are always episodes; there is no task column. There is neither a rule nor an inner loop: adaptation computes the mean embedding of
/// each class, and plain backpropagation trains the network. When adapting, classes may have different numbers of support rows. Exportable
/// to ONNX: the learner is an ONNX model.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var trainer = ml.MetaLearning().Classification.PrototypicalNetwork(new PrototypicalNetworkTrainer.Options { EmbeddingUnits = 32 });
/// using var learner = trainer.Fit(rows).Learner;
/// </code>
/// </example>
public sealed class PrototypicalNetworkTrainer : IEstimator<LearnerTransformer>
{
    private readonly MetaTrainer _trainer;

    internal PrototypicalNetworkTrainer(MLContext context, Options options) =>
        _trainer = new MetaTrainer(context, MetaTask.Classification, options);

    /// <summary>Options of <see cref="PrototypicalNetworkTrainer"/>.</summary>
    public sealed record Options : MetaTrainingOptions
    {
        /// <summary>The episodes that are drawn from the classes in the label column.</summary>
        public Episodes Tasks { get; init; } = new();

        /// <summary>
        /// The network. Its readout is the embedding. Default <see cref="MultilayerPerceptron"/> with 64, 64 hidden units.
        /// </summary>
        public NetworkOptions Network { get; init; } = new MultilayerPerceptron();

        /// <summary>Number of units of the embedding, at least 1. Default 64.</summary>
        public int EmbeddingUnits { get; init; } = 64;

        internal override FewShotTasks SourceOfTasks => Tasks;

        // Over no steps, unrolling is plain backpropagation.
        internal override MetaGradientRule GradientRule { get; } = MetaGradientRule.Unrolled();

        internal override Phase FreePhase { get; } = new(Optimizer.Sgd(0.01), 0);

        internal override Phase PhaseInApp => FreePhase;

        internal override void Validate(bool isClassification)
        {
            base.Validate(isClassification);
            default(OptionCheck).NotNull(Network, nameof(Network));
            Network.Validate();
            default(OptionCheck).AtLeast(EmbeddingUnits, 1, nameof(EmbeddingUnits));
        }

        internal override ILearner CreateLearner(TaskShape shape, int seed) =>
            new PrototypicalNetwork(Network.WithReadout(shape.FeatureCount, FeatureColumnName, EmbeddingUnits), EmbeddingUnits);

        internal override string Describe() => FormattableString.Invariant($"PrototypicalNetwork, {EmbeddingUnits} units");
    }

    /// <summary>Meta-trains over episodes of the classes of <paramref name="input"/>.</summary>
    /// <param name="input">The rows of many classes, read once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// The rows cannot be learned from, the training diverged, or the checkpoint belongs to other options.
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
