using Microsoft.ML;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms;

public sealed partial class FewShotTrainer
{
    /// <summary>Columns and settings of <see cref="FewShotTrainer"/>.</summary>
    public sealed record Options
    {
        private readonly string _labelColumnName = "Label";
        private readonly string _featureColumnName = "Features";
        private readonly string? _exampleWeightColumnName;
        private readonly int? _steps;
        private readonly int? _batchSize;

        /// <summary>
        /// Name of the label column of the support rows, default "Label". Classification: a key of type UInt32 (MapValueToKey makes one),
        /// or a Boolean for a learner of <see cref="LabelSemantics.Binary"/> labels.
        /// Regression: a <see cref="float"/>, or a vector with one element for each output of the learner.
        /// </summary>
        /// <exception cref="ArgumentException">Empty.</exception>
        public string LabelColumnName
        {
            get => _labelColumnName;
            init => _labelColumnName = string.IsNullOrEmpty(value) ? throw Throw.EmptyOption(nameof(LabelColumnName)) : value;
        }

        /// <summary>Name of the feature column, default "Features": a vector of <see cref="float"/> of the learner's length, dense or
        /// sparse.</summary>
        /// <exception cref="ArgumentException">Empty.</exception>
        public string FeatureColumnName
        {
            get => _featureColumnName;
            init => _featureColumnName = string.IsNullOrEmpty(value) ? throw Throw.EmptyOption(nameof(FeatureColumnName)) : value;
        }

        /// <summary>
        /// Name of the column with the support rows' weights, <see cref="float"/> above 0: a row with weight 2 counts as two rows. Null,
        /// the default: all rows have the same weight. Only for a learner that was meta-trained with weights; see
        /// <see cref="Learner.TakesExampleWeights"/>.
        /// </summary>
        /// <exception cref="ArgumentException">Empty.</exception>
        public string? ExampleWeightColumnName
        {
            get => _exampleWeightColumnName;
            init => _exampleWeightColumnName = value is "" ? throw Throw.EmptyOption(nameof(ExampleWeightColumnName)) : value;
        }

        /// <summary>Inner steps of the adaptation, at least 0 (0: the learner before any adaptation). Null, the default, uses the learner's
        /// own number.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
        public int? Steps
        {
            get => _steps;
            init => _steps = value is < 0 ? throw Throw.OptionTooSmall(nameof(Steps), value.Value, 0) : value;
        }

        /// <summary>
        /// Whether a support set may have no rows. The model is then the learner before any adaptation, which predicts what the tasks of
        /// meta-training have in common. For regression and shared labels only, because a new class cannot be known without a row. Default
        /// false: a support set without rows is refused.
        /// </summary>
        public bool AllowEmptySupport { get; init; }

        /// <summary>
        /// Whether the model keeps the support rows, as float32 numbers, in memory and in saved files, so that
        /// <see cref="Fit(IDataView, FewShotPredictionTransformer)"/> can continue to learn the task when more rows are labelled. Default
        /// false: the model does not contain the rows.
        /// </summary>
        public bool KeepSupport { get; init; }

        /// <summary>
        /// Maximum number of rows that one call of ONNX Runtime scores, at least 1. Null, the default, uses 2,048 rows, or the number of
        /// rows with four MiB of features if that is less. A cursor over many rows scores as many batches ahead as there are processors
        /// (eight at most) and keeps the active columns of these rows in memory. Scores do not depend on this option.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
        public int? BatchSize
        {
            get => _batchSize;
            init => _batchSize = value is < 1 ? throw Throw.OptionTooSmall(nameof(BatchSize), value.Value, 1) : value;
        }

        /// <summary>Stops <see cref="Fit(IDataView)"/> with an <see cref="OperationCanceledException"/>.</summary>
        public CancellationToken CancellationToken { get; init; }
    }
}
