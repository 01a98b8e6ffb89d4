using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>
/// Options of the learners with an inner loop that minimises a learning loss: complex synapse, dual system, and learners of one's own.
/// </summary>
public abstract record InnerLoopOptions : MetaTrainingOptions
{
    private protected InnerLoopOptions()
    {
    }

    /// <summary>
    /// Where tasks come from: <c>new TaskColumn("User")</c>, which a regression needs, or <c>new Episodes()</c> of the classes in the label
    /// column (default).
    /// </summary>
    public FewShotTasks Tasks { get; init; } = new Episodes();

    /// <summary>The network that learns. Default <see cref="MultilayerPerceptron"/> with 64, 64 hidden units.</summary>
    public NetworkOptions Network { get; init; } = new MultilayerPerceptron();

    /// <summary>How the meta-gradient is estimated. Default <see cref="MetaGradientRule.Contrastive"/> with strength 0.1.</summary>
    public MetaGradientRule Rule { get; init; } = MetaGradientRule.Contrastive(strength: 0.1);

    /// <summary>How a task is learned.</summary>
    public AdaptationOptions Adaptation { get; init; } = new();

    /// <summary>
    /// Regression: whether NaN in the label means a missing target. Every row needs at least one observed target. The losses then are means
    /// over observed targets. Use this if only the chosen option gets feedback, as in contextual bandits: the label has one element for
    /// each choice. Default false: NaN is refused.
    /// </summary>
    public bool MissingTargets { get; init; }

    /// <summary>
    /// Regression: coverage of the prediction intervals, in [0, 1): the share of targets that should lie between the columns LowerBound and
    /// UpperBound of an adapted model. 0 for no such columns. The intervals are fitted to the validation tasks. Null (default) for 0.9; a
    /// classification has no intervals.
    /// </summary>
    public double? IntervalCoverage { get; init; }

    /// <summary>
    /// Whether apps can improve the learner further. Its file then also contains its meta-training, as ONNX graphs. See
    /// <c>ml.MetaLearning().Contribute</c> and <see cref="MLNetMeta.Transforms.LearnerImprover"/>. This needs the contrastive rule with a
    /// given strength, and a network that is not transductive. Default false.
    /// </summary>
    public bool Improvable { get; init; }

    internal override FewShotTasks SourceOfTasks => Tasks;

    internal override MetaGradientRule GradientRule => Rule;

    internal override Phase FreePhase => Adaptation.FreePhase;

    internal override Phase PhaseInApp => Adaptation.PhaseInApp;

    internal override double CoverageOfIntervals => IntervalCoverage ?? DefaultCoverage;

    internal override bool TargetsMayMiss => MissingTargets;

    internal abstract ILearner CreateLearner(Network network, TaskLoss loss);

    internal override ILearner CreateLearner(TaskShape shape, int seed)
    {
        var outputs = !shape.IsClassification ? shape.OutputCount : TaskColumnName is null ? (int?)null : shape.ClassNames.Length;
        var loss = shape.IsClassification ? TaskLoss.CrossEntropy
            : shape.MayMissTargets ? TaskLoss.ObservedSquaredError
            : TaskLoss.SquaredError;
        var network = Network.WithReadout(shape.FeatureCount, FeatureColumnName, outputs);
        var learner = CreateLearner(network, loss);
        CheckRows(learner.Network.IsTransductive);
        if (Improvable)
        {
            CheckSaved(learner.Network.IsTransductive);
        }

        if (HasPartsOfOthers)
        {
            TrialGraph.Run(learner, PhaseInApp);
        }

        return learner;
    }

    internal override void Validate(bool isClassification)
    {
        base.Validate(isClassification);
        var check = default(OptionCheck);
        check.NotNull(Network, nameof(Network));
        Network.Validate();
        CheckRows(Network.IsTransductive);
        check.NotNull(Adaptation, nameof(Adaptation));
        Adaptation.Validate();
        if (MissingTargets && isClassification)
        {
            throw TrainerThrow.MissingClasses();
        }

        check.Coverage(IntervalCoverage, isClassification);
        if (Improvable)
        {
            CheckImprovable();
        }
    }

    /// <summary>Whether a part is not this library's, and so may be wrong.</summary>
    internal virtual bool HasPartsOfOthers => Network is CustomNetwork || Adaptation.Optimizer.CustomRule is not null
        || Adaptation.OptimizerInApp?.CustomRule is not null;

    internal override ImprovementSettings? HowToImprove => Improvable
        ? new((ContrastiveSettings)Rule, FreePhase, Training.Optimizer, Training.GradientClippingNorm)
        : null;

    private void CheckImprovable()
    {
        if (Rule is not ContrastiveSettings contrastive)
        {
            throw TrainerThrow.NotImprovable($"the rule '{Rule.Name}'", "set Rule to MetaGradientRule.Contrastive(strength: 0.1)");
        }

        if (contrastive.Strength is null)
        {
            throw TrainerThrow.NotImprovable(
                "a strength to be advised", "set Rule to MetaGradientRule.Contrastive(strength: 0.1)");
        }

        CheckSaved(Network.IsTransductive);
    }

    private static void CheckSaved(bool isTransductive)
    {
        if (isTransductive)
        {
            throw TrainerThrow.NotImprovable("a transductive network, which cannot be saved", "choose another normalisation");
        }
    }

    private void CheckRows(bool isTransductive) => default(OptionCheck).Within(
        Network, !isTransductive || Tasks is Episodes { Shots.IsFixed: true }, nameof(Network),
        "without Transductive normalisation if tasks have different numbers of rows (a task column, or Episodes with a range of Shots)");
}
