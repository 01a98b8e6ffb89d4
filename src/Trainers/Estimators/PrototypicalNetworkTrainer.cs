using Microsoft.ML;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>Meta-trains a prototypical network (Snell et al., 2017): a class is the mean embedding of its support rows.</summary>
/// <remarks>
/// <para>Created by <c>ml.MetaLearning().Classification.PrototypicalNetwork(…)</c>. A baseline for the learners that descend.</para>
/// <list type="table">
/// <listheader><term>Input column</term><description>Type</description></listheader>
/// <item><term>Label</term><description>Key of type UInt32</description></item>
/// <item><term>Features</term><description>Single or Vector&lt;Single&gt; of known size, dense or sparse</description></item>
/// </list>
/// <para>
/// Always episodes: there is no task column. Rule, inner optimiser and nudging options have no part in it: adaptation is one mean, trained by
/// plain backpropagation. The support rows' number may differ from class to class when adapting. Exportable to ONNX: the learner is an ONNX model.
/// </para>
/// </remarks>
public sealed class PrototypicalNetworkTrainer : IEstimator<LearnerTransformer>
{
    private readonly MetaTrainer _trainer;

    internal PrototypicalNetworkTrainer(MLContext context, Options options)
    {
        options.Validate(isClassification: true);
        _trainer = new MetaTrainer(
            context, MetaTask.Classification, options, FormattableString.Invariant($"PrototypicalNetwork, {options.EmbeddingUnits} units"),
            (network, _) => new PrototypicalNetwork(network, options.EmbeddingUnits), options.EmbeddingUnits);
    }

    /// <summary>Options of <see cref="PrototypicalNetworkTrainer"/>.</summary>
    public sealed record Options : MetaTrainingOptions
    {
        /// <summary>Options with no inner steps and the rule for that, plain backpropagation.</summary>
        public Options()
        {
            InnerSteps = 0;
            Rule = MetaGradientRule.Unrolled();
        }

        /// <summary>Units of the embedding, at least 1. Default 64.</summary>
        public int EmbeddingUnits { get; init; } = 64;

        private protected override int MinimumInnerSteps => 0;

        internal override void Validate(bool isClassification)
        {
            base.Validate(isClassification);
            AtLeast(EmbeddingUnits, 1, nameof(EmbeddingUnits));
            if (TaskColumnName is not null)
            {
                throw TrainerThrow.PrototypesOfTasks();
            }

            if (InnerSteps != 0 || !Rule.SeesSteps)
            {
                throw TrainerThrow.RuleCannotServe(Rule.Name, $"a prototypical network with {InnerSteps} inner steps", "leave Rule (unrolled) and InnerSteps (0) as they are");
            }
        }
    }

    /// <summary>Meta-trains over episodes of the classes of <paramref name="input"/>.</summary>
    /// <param name="input">The rows of many classes, read once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learned from, the training diverged, or the checkpoint belongs to other options.</exception>
    /// <exception cref="FormatException">The checkpoint is damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; resume from the checkpoint.</exception>
    /// <exception cref="IOException">Cancelled, and the checkpoint could not be written.</exception>
    public LearnerTransformer Fit(IDataView input) => _trainer.Fit(input);

    /// <summary>Checks the columns and passes them through.</summary>
    /// <param name="inputSchema">The columns of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _trainer.GetOutputSchema(inputSchema);
}
