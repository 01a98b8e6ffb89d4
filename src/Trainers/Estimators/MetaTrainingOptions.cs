using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>Options that all meta-trainings share. Checked once, when the trainer is created; never written to.</summary>
public abstract record MetaTrainingOptions
{
    private protected MetaTrainingOptions()
    {
    }

    /// <summary>
    /// Label column: a key for classification, or a Boolean with a task column; Single or Vector&lt;Single&gt; of known size for
    /// regression. Default "Label". Classes are named as the key's <c>KeyValues</c> say; those of a key without names by their numbers,
    /// "1", "2" and so on.
    /// </summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Feature column: Single or Vector&lt;Single&gt; of known size, dense or sparse. Default "Features".</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>
    /// Column of the rows' weights, Single above 0; null (default) where all weigh the same. A row of weight 2 counts as two in the losses
    /// of its task. The learner then takes weights too: <see cref="MLNetMeta.Transforms.FewShotTrainer.Options.ExampleWeightColumnName"/>.
    /// </summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>
    /// Whether features, and the targets of a regression, are scaled to mean 0 and variance 1 over the meta-training rows. The learner
    /// carries the scaling. Default true.
    /// </summary>
    public bool Standardize { get; init; } = true;

    /// <summary>How the slow parameters are trained.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>What computes the training. Default <see cref="Compute.Automatic"/> on all processors.</summary>
    public Compute Compute { get; init; } = Compute.Automatic();

    /// <summary>The file that the state of the training is kept in, to resume it; null (default) for none.</summary>
    public CheckpointOptions? Checkpoint { get; init; }

    /// <summary>
    /// Stops the training, its pilot or a validation within a step of an inner phase, after a checkpoint of the last whole meta-step where
    /// there is a file for it. The backward pass of <see cref="MetaGradientRule.Unrolled"/> is one step.
    /// </summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Where tasks come from.</summary>
    internal abstract FewShotTasks SourceOfTasks { get; }

    /// <summary>How the meta-gradient is estimated.</summary>
    internal abstract MetaGradientRule GradientRule { get; }

    /// <summary>How a task is learned in meta-training.</summary>
    internal abstract Phase FreePhase { get; }

    /// <summary>How a task is learned in the app.</summary>
    internal abstract Phase PhaseInApp { get; }

    /// <summary>Whether NaN in the label is a target that was not observed.</summary>
    internal virtual bool TargetsMayMiss => false;

    /// <summary>Regression: the coverage of prediction intervals; 0 for none.</summary>
    internal virtual double CoverageOfIntervals => 0;

    /// <summary>How apps improve the learner further; null where they cannot.</summary>
    internal virtual ImprovementSettings? HowToImprove => null;

    private protected const double DefaultCoverage = 0.9;

    /// <summary>The column that says which task a row belongs to; null for episodes.</summary>
    internal string? TaskColumnName => SourceOfTasks.ColumnName;

    /// <summary>What computes it, where the choice was left open.</summary>
    internal Compute Engine => Compute.For(this);

    /// <summary>The columns that are read.</summary>
    internal TaskColumns Columns(bool isClassification) =>
        new(isClassification, LabelColumnName, FeatureColumnName, TaskColumnName, TargetsMayMiss, ExampleWeightColumnName);

    /// <summary>The learner that these options describe, for the rows that were read.</summary>
    /// <param name="shape">The rows.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <exception cref="InvalidOperationException">The rows do not fit the network.</exception>
    internal abstract ILearner CreateLearner(TaskShape shape, int seed);

    /// <summary>The learner and what is special to it, in words.</summary>
    internal abstract string Describe();

    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">A column name is empty, or two are the same.</exception>
    internal virtual void Validate(bool isClassification)
    {
        var check = default(OptionCheck);
        TaskColumns.CheckOptions(LabelColumnName, FeatureColumnName, SourceOfTasks, isClassification, ExampleWeightColumnName);
        check.NotNull(GradientRule, "Rule");
        check.NotNull(Training, nameof(Training));
        Training.Validate();
        check.Within(
            Standardize, !Standardize || Training.Augmentation is null, nameof(Standardize),
            "false with Training.Augmentation, which moves pixels to places that are scaled differently");
        check.NotNull(Compute, nameof(Compute));
        Compute.Serve(this);
        Checkpoint?.Validate();
    }

    /// <summary>How the features of the meta-training rows are scaled.</summary>
    internal virtual Standardization ScaleOfFeatures(TaskData data) => Scale(data.Features, data.FeatureCount);

    /// <summary>How the targets of the meta-training rows are scaled; null for classes.</summary>
    internal Standardization? ScaleOfTargets(TaskData data) => data.IsClassification ? null : Scale(data.Targets, data.OutputCount);

    /// <summary>How columns with these sums are scaled.</summary>
    internal Standardization Scale(ExactSum.Moments[] columns) =>
        Standardize ? Standardizer.Of(columns) : Standardizer.Identity(columns.Length);

    private Standardization Scale(float[] values, int width) =>
        Standardize ? Standardizer.Fit(values, width, CancellationToken) : Standardizer.Identity(width);
}
