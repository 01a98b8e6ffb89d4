using Microsoft.ML;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>Meta-trains a learner of one's own: an <see cref="ILearner"/>.</summary>
/// <remarks>
/// <para>Created by <c>ml.MetaLearning().Classification.Custom(…)</c> or <c>ml.MetaLearning().Regression.Custom(…)</c>.</para>
/// <list type="table">
/// <listheader><term>Input column</term><description>Type</description></listheader>
/// <item><term>Label</term><description>Classification: key of type UInt32. Regression: Single or
/// Vector&lt;Single&gt; of known size</description></item>
/// <item><term>Features</term><description>Single or Vector&lt;Single&gt; of known size, dense or sparse</description></item>
/// <item><term>Task column</term><description>Text, key or number. Classification may do without: then it draws
/// episodes of the label's classes</description></item>
/// </list>
/// <para>
/// Before anything is trained, the learner is written as an ONNX file and adapts once: names that clash and shapes that do not fit are
/// found then.
/// Whether its gradients are right, <c>LearnerContract</c> of MLNetMeta.Trainers.Testing says. Exportable to ONNX: the learner is an ONNX
/// model.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var trainer = ml.MetaLearning().Regression.Custom(
///     (network, loss) =&gt; new LowRankAdapters(network, loss, rank: 2), taskColumnName: "Task");
/// using var learner = trainer.Fit(rows).Learner;
/// </code>
/// </example>
public sealed class CustomLearnerTrainer : IEstimator<LearnerTransformer>
{
    private readonly MetaTrainer _trainer;

    internal CustomLearnerTrainer(MLContext context, MetaTask task, Options options) => _trainer = new MetaTrainer(context, task, options);

    /// <summary>Options of <see cref="CustomLearnerTrainer"/>.</summary>
    public sealed record Options : InnerLoopOptions
    {
        /// <summary>Options for a learner.</summary>
        /// <param name="createLearner">
        /// Makes the learner: (network of <see cref="InnerLoopOptions.Network"/> for the features and outputs of the rows, loss) → learner.
        /// A learner with a network of its own takes the numbers of inputs and outputs only.
        /// </param>
        /// <exception cref="ArgumentNullException"><paramref name="createLearner"/> is null.</exception>
        public Options(Func<Network, TaskLoss, ILearner> createLearner)
        {
            ArgumentNullException.ThrowIfNull(createLearner);
            LearnerFactory = createLearner;
        }

        /// <summary>Makes the learner.</summary>
        public Func<Network, TaskLoss, ILearner> LearnerFactory { get; }

        /// <summary>
        /// What tells this learner apart from others in a checkpoint, beside its type, its network, and the names, shapes and initial
        /// values of its parameters: settings that none of them shows. Default empty.
        /// </summary>
        public string Settings { get; init; } = "";

        internal override ILearner CreateLearner(Network network, TaskLoss loss)
        {
            var learner = LearnerFactory(network, loss) ?? throw TrainerThrow.NoLearner();
            if (learner.Network.Inputs != network.Inputs || learner.Outputs != network.Outputs || learner.Loss != loss)
            {
                throw TrainerThrow.OtherLearner(
                    learner.Kind, (learner.Network.Inputs, learner.Outputs, learner.Loss.ToString()),
                    (network.Inputs, network.Outputs, loss.ToString()));
            }

            ParameterCheck.Run($"slow parameters of the learner '{learner.Kind}'", learner.Slow);
            ParameterCheck.Run($"fast parameters of the learner '{learner.Kind}'", learner.Fast);
            return learner;
        }

        internal override bool HasPartsOfOthers => true;

        internal override string Describe() => $"Custom, {Settings}";

        internal override void Validate(bool isClassification)
        {
            base.Validate(isClassification);
            default(OptionCheck).NotNull(Settings, nameof(Settings));
        }
    }

    /// <summary>Meta-trains over the tasks of <paramref name="input"/>.</summary>
    /// <param name="input">The rows of many tasks, read once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">Names of the learner's or the network's parameters clash, or a shape has no length.</exception>
    /// <exception cref="InvalidOperationException">
    /// The learner cannot be written as a graph, the rows cannot be learned from, the training diverged, or the checkpoint belongs to other
    /// options.
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
    public NudgingAdvice Advise(IDataView input, double tolerance = 0.1) => _trainer.Advise(input, tolerance);

    /// <summary>Checks the columns and passes them through.</summary>
    /// <param name="inputSchema">The columns of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _trainer.GetOutputSchema(inputSchema);
}
