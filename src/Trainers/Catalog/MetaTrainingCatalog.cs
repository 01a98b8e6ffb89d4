using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Evaluation;
using MLNetMeta.Transforms;

namespace Microsoft.ML;

/// <summary>
/// Meta-training and few-shot evaluation, as extensions of <c>ml.MetaLearning().Classification</c> and <c>.Regression</c>.
/// </summary>
public static class MetaTrainingCatalog
{
    /// <summary>Meta-trains a complex synapse for classification, with the most common options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">Label column, a key.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="taskColumnName">
    /// The column that says which task a row belongs to; null for episodes of <paramref name="ways"/> classes.
    /// </param>
    /// <param name="ways">Episodes: number of classes of a task, at least 2; null for 5.</param>
    /// <param name="shots">Episodes: support rows of each class, at least 1; null for 1 to 10.</param>
    /// <param name="supportRows">With a task column: support rows of a task, at least 1; null for 1 to 10 of each class.</param>
    /// <exception cref="ArgumentException">
    /// An argument for episodes is given together with a task column, or <paramref name="supportRows"/> without one.
    /// </exception>
    /// <example>
    /// <code>
    /// // New classes: 5-way 1-shot episodes of the classes in rows.
    /// var trainer = ml.MetaLearning().Classification.ComplexSynapse(ways: 5, shots: 1);
    /// Learner learner = trainer.Fit(rows).Learner;
    /// ITransformer model = ml.MetaLearning().FewShot(learner).Fit(fewRows);
    /// </code>
    /// </example>
    public static ComplexSynapseTrainer ComplexSynapse(
        this MetaClassificationCatalog catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string? taskColumnName = null, int? ways = null, int? shots = null,
        int? supportRows = null) =>
        catalog.ComplexSynapse(new ComplexSynapseTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = Tasks(taskColumnName, ways, shots, supportRows),
        });

    /// <summary>Meta-trains a complex synapse for classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">All options.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <example>
    /// <code>
    /// var trainer = ml.MetaLearning().Classification.ComplexSynapse(new ComplexSynapseTrainer.Options
    /// {
    ///     Tasks = new TaskColumn("User") { Shots = (1, 5) },
    ///     Network = new MultilayerPerceptron { HiddenUnits = [64, 64] },
    ///     Training = new TrainingOptions { Seed = 1 },
    /// });
    /// Learner learner = trainer.Fit(rows).Learner;
    /// </code>
    /// </example>
    public static ComplexSynapseTrainer ComplexSynapse(this MetaClassificationCatalog catalog, ComplexSynapseTrainer.Options options) =>
        new(Context(catalog), MetaTask.Classification, NotNull(options));

    /// <summary>
    /// Meta-trains a complex synapse for images of many classes, with the settings of
    /// <see cref="ComplexSynapseTrainer.Options.ForImages"/>.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="image">Shape of the images in the feature column.</param>
    /// <param name="labelColumnName">Label column, a key.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="ways">Number of classes of a task in meta-training, at least 2. The learner adapts to any number.</param>
    /// <param name="shots">Support images of each class, at least 1.</param>
    /// <example>
    /// <code>
    /// // Grey images of 28 × 28 pixels as features; needs libtorch.
    /// var trainer = ml.MetaLearning().Classification.ComplexSynapse(new ImageShape(28, 28, 1), ways: 20, shots: 1);
    /// </code>
    /// </example>
    public static ComplexSynapseTrainer ComplexSynapse(
        this MetaClassificationCatalog catalog, ImageShape image, string labelColumnName = "Label", string featureColumnName = "Features",
        int ways = 20, int shots = 1) =>
        catalog.ComplexSynapse(ComplexSynapseTrainer.Options.ForImages(image) with
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = new Episodes { Ways = ways, Shots = shots, QueryRows = ImageDefaults.QueryRows },
        });

    /// <summary>Meta-trains a complex synapse for regression, with the most common options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="taskColumnName">The column that says which task a row belongs to.</param>
    /// <param name="labelColumnName">Label column, Single or Vector&lt;Single&gt;.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="supportRows">Support rows of a task, at least 1; null for 3 to 20.</param>
    /// <example>
    /// <code>
    /// var trainer = ml.MetaLearning().Regression.ComplexSynapse(taskColumnName: "Machine");
    /// Learner learner = trainer.Fit(rows).Learner;
    /// learner.Save("machines.onnx");
    /// </code>
    /// </example>
    public static ComplexSynapseTrainer ComplexSynapse(
        this MetaRegressionCatalog catalog, string taskColumnName, string labelColumnName = "Label", string featureColumnName = "Features",
        int? supportRows = null) =>
        catalog.ComplexSynapse(new ComplexSynapseTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = new TaskColumn(taskColumnName) { SupportRows = supportRows },
        });

    /// <summary>Meta-trains a complex synapse for regression.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">All options.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <example>
    /// <code>
    /// var history = new MetaTrainingHistory();
    /// var trainer = ml.MetaLearning().Regression.ComplexSynapse(new ComplexSynapseTrainer.Options
    /// {
    ///     Tasks = new TaskColumn("Machine") { SupportRows = (3, 20) },
    ///     Checkpoint = new CheckpointOptions("machines.checkpoint"),
    ///     Training = new TrainingOptions { Seed = 1, Progress = history },
    /// });
    /// Learner learner = trainer.Fit(rows).Learner;
    /// </code>
    /// </example>
    public static ComplexSynapseTrainer ComplexSynapse(this MetaRegressionCatalog catalog, ComplexSynapseTrainer.Options options) =>
        new(Context(catalog), MetaTask.Regression, NotNull(options));

    /// <summary>Meta-trains a learner of one's own for classification, with the most common options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="createLearner">
    /// Creates the learner: (network for the features and outputs of the rows, loss) → learner. See <see cref="ILearner"/>.
    /// </param>
    /// <param name="labelColumnName">Label column, a key.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="taskColumnName">
    /// The column that says which task a row belongs to; null for episodes of <paramref name="ways"/> classes.
    /// </param>
    /// <param name="ways">Episodes: number of classes of a task, at least 2; null for 5.</param>
    /// <param name="shots">Episodes: support rows of each class, at least 1; null for 1 to 10.</param>
    /// <param name="supportRows">With a task column: support rows of a task, at least 1; null for 1 to 10 of each class.</param>
    /// <exception cref="ArgumentException">
    /// An argument for episodes is given together with a task column, or <paramref name="supportRows"/> without one.
    /// </exception>
    /// <example>
    /// <code>
    /// // A slow network whose weights learn a task by low-rank adapters: samples/CustomLearner.
    /// var trainer = ml.MetaLearning().Classification.Custom((network, loss) => new LowRankAdapters(network, loss, rank: 2), ways: 5);
    /// Learner learner = trainer.Fit(rows).Learner;
    /// </code>
    /// </example>
    public static CustomLearnerTrainer Custom(
        this MetaClassificationCatalog catalog, Func<Network, TaskLoss, ILearner> createLearner, string labelColumnName = "Label",
        string featureColumnName = "Features", string? taskColumnName = null, int? ways = null, int? shots = null,
        int? supportRows = null) =>
        catalog.Custom(new CustomLearnerTrainer.Options(createLearner)
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = Tasks(taskColumnName, ways, shots, supportRows),
        });

    /// <summary>Meta-trains a learner of one's own for classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">All options.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public static CustomLearnerTrainer Custom(this MetaClassificationCatalog catalog, CustomLearnerTrainer.Options options) =>
        new(Context(catalog), MetaTask.Classification, NotNull(options));

    /// <summary>Meta-trains a learner of one's own for regression, with the most common options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="createLearner">
    /// Creates the learner: (network for the features and outputs of the rows, loss) → learner. See <see cref="ILearner"/>.
    /// </param>
    /// <param name="taskColumnName">The column that says which task a row belongs to.</param>
    /// <param name="labelColumnName">Label column, Single or Vector&lt;Single&gt;.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="supportRows">Support rows of a task, at least 1; null for 3 to 20.</param>
    public static CustomLearnerTrainer Custom(
        this MetaRegressionCatalog catalog, Func<Network, TaskLoss, ILearner> createLearner, string taskColumnName,
        string labelColumnName = "Label", string featureColumnName = "Features", int? supportRows = null) =>
        catalog.Custom(new CustomLearnerTrainer.Options(createLearner)
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = new TaskColumn(taskColumnName) { SupportRows = supportRows },
        });

    /// <summary>Meta-trains a learner of one's own for regression.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">All options.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <example>
    /// <code>
    /// var trainer = ml.MetaLearning().Regression.Custom(new CustomLearnerTrainer.Options(
    ///     (network, loss) => new LowRankAdapters(network, loss, rank: 2))
    /// {
    ///     Tasks = new TaskColumn("Machine"),
    ///     Network = new CustomNetwork(features => new ResidualNetwork(features, units: 32)),
    /// });
    /// Learner learner = trainer.Fit(rows).Learner;
    /// </code>
    /// </example>
    public static CustomLearnerTrainer Custom(this MetaRegressionCatalog catalog, CustomLearnerTrainer.Options options) =>
        new(Context(catalog), MetaTask.Regression, NotNull(options));

    /// <summary>Meta-trains a dual system for classification, with the most common options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">Label column, a key.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="taskColumnName">
    /// The column that says which task a row belongs to; null for episodes of <paramref name="ways"/> classes.
    /// </param>
    /// <param name="ways">Episodes: number of classes of a task, at least 2; null for 5.</param>
    /// <param name="shots">Episodes: support rows of each class, at least 1; null for 1 to 10.</param>
    /// <param name="supportRows">With a task column: support rows of a task, at least 1; null for 1 to 10 of each class.</param>
    /// <exception cref="ArgumentException">
    /// An argument for episodes is given together with a task column, or <paramref name="supportRows"/> without one.
    /// </exception>
    /// <example>
    /// <code>
    /// // The same classes in all tasks: each user has a model of their own.
    /// var trainer = ml.MetaLearning().Classification.DualSystem(taskColumnName: "User", shots: 2);
    /// Learner learner = trainer.Fit(rows).Learner;
    /// </code>
    /// </example>
    public static DualSystemTrainer DualSystem(
        this MetaClassificationCatalog catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string? taskColumnName = null, int? ways = null, int? shots = null,
        int? supportRows = null) =>
        catalog.DualSystem(new DualSystemTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = Tasks(taskColumnName, ways, shots, supportRows),
        });

    /// <summary>Meta-trains a dual system for classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">All options.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <example>
    /// <code>
    /// var trainer = ml.MetaLearning().Classification.DualSystem(new DualSystemTrainer.Options
    /// {
    ///     Tasks = new Episodes { Ways = 5, Shots = (1, 5) },
    ///     Training = new TrainingOptions { Seed = 1 },
    /// });
    /// </code>
    /// </example>
    public static DualSystemTrainer DualSystem(this MetaClassificationCatalog catalog, DualSystemTrainer.Options options) =>
        new(Context(catalog), MetaTask.Classification, NotNull(options));

    /// <summary>
    /// Meta-trains a dual system for images of many classes, with the settings of <see cref="DualSystemTrainer.Options.ForImages"/>.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="image">Shape of the images in the feature column.</param>
    /// <param name="labelColumnName">Label column, a key.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="ways">Number of classes of a task in meta-training, at least 2. The learner adapts to any number.</param>
    /// <param name="shots">Support images of each class, at least 1.</param>
    /// <example>
    /// <code>
    /// // Grey images of 28 × 28 pixels as features; needs libtorch.
    /// var trainer = ml.MetaLearning().Classification.DualSystem(new ImageShape(28, 28, 1), ways: 20, shots: 1);
    /// </code>
    /// </example>
    public static DualSystemTrainer DualSystem(
        this MetaClassificationCatalog catalog, ImageShape image, string labelColumnName = "Label", string featureColumnName = "Features",
        int ways = 20, int shots = 1) =>
        catalog.DualSystem(DualSystemTrainer.Options.ForImages(image) with
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = new Episodes { Ways = ways, Shots = shots, QueryRows = ImageDefaults.QueryRows },
        });

    /// <summary>Meta-trains a dual system for regression, with the most common options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="taskColumnName">The column that says which task a row belongs to.</param>
    /// <param name="labelColumnName">Label column, Single or Vector&lt;Single&gt;.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="supportRows">Support rows of a task, at least 1; null for 3 to 20.</param>
    /// <example>
    /// <code>
    /// var metaModel = ml.MetaLearning().Regression.DualSystem(taskColumnName: "Machine").Fit(rows);
    /// ITransformer model = ml.MetaLearning().FewShot(metaModel).Fit(fewRows);
    /// IDataView scored = model.Transform(otherRows);
    /// </code>
    /// </example>
    public static DualSystemTrainer DualSystem(
        this MetaRegressionCatalog catalog, string taskColumnName, string labelColumnName = "Label", string featureColumnName = "Features",
        int? supportRows = null) =>
        catalog.DualSystem(new DualSystemTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = new TaskColumn(taskColumnName) { SupportRows = supportRows },
        });

    /// <summary>Meta-trains a dual system for regression.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">All options.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <example>
    /// <code>
    /// var trainer = ml.MetaLearning().Regression.DualSystem(new DualSystemTrainer.Options
    /// {
    ///     Tasks = new TaskColumn("Machine"),
    ///     Rule = MetaGradientRule.Contrastive(strength: 0.1, stencil: NudgingStencil.Symmetric),
    ///     Training = new TrainingOptions { Seed = 1 },
    /// });
    /// </code>
    /// </example>
    public static DualSystemTrainer DualSystem(this MetaRegressionCatalog catalog, DualSystemTrainer.Options options) =>
        new(Context(catalog), MetaTask.Regression, NotNull(options));

    /// <summary>Chooses a learner for classification and its settings on validation tasks, within a time budget.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">Label column, a key.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="taskColumnName">
    /// The column that says which task a row belongs to; null for episodes of the classes in the label column.
    /// </param>
    /// <param name="budget">Time for the search and the final training; null for five minutes.</param>
    /// <exception cref="ArgumentException">An argument is outside its range.</exception>
    /// <example>
    /// <code>
    /// var found = ml.MetaLearning().Classification.Auto(taskColumnName: "User", budget: TimeSpan.FromMinutes(5)).Search(rows);
    /// Console.WriteLine(found.Verdict);
    /// found.Learner.Save("users.onnx");
    /// </code>
    /// </example>
    public static AutoTrainer Auto(
        this MetaClassificationCatalog catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string? taskColumnName = null, TimeSpan? budget = null) =>
        catalog.Auto(Budgeted(budget) with
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = Tasks(taskColumnName, ways: null, shots: null, supportRows: null),
        });

    /// <summary>Chooses a learner for classification and its settings on validation tasks.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">All options.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public static AutoTrainer Auto(this MetaClassificationCatalog catalog, AutoTrainer.Options options) =>
        new(Context(catalog), MetaTask.Classification, NotNull(options));

    /// <summary>Chooses a learner for regression and its settings on validation tasks, within a time budget.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="taskColumnName">The column that says which task a row belongs to.</param>
    /// <param name="labelColumnName">Label column, Single or Vector&lt;Single&gt;.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="budget">Time for the search and the final training; null for five minutes.</param>
    /// <exception cref="ArgumentException">An argument is outside its range.</exception>
    /// <example>
    /// <code>
    /// var found = ml.MetaLearning().Regression.Auto("Machine", budget: TimeSpan.FromMinutes(5)).Search(rows);
    /// Console.WriteLine(found.Verdict);
    /// found.Learner.Save("machines.onnx");
    /// </code>
    /// </example>
    public static AutoTrainer Auto(
        this MetaRegressionCatalog catalog, string taskColumnName, string labelColumnName = "Label", string featureColumnName = "Features",
        TimeSpan? budget = null) =>
        catalog.Auto(Budgeted(budget) with
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = new TaskColumn(taskColumnName),
        });

    /// <summary>Chooses a learner for regression and its settings on validation tasks.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">All options.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public static AutoTrainer Auto(this MetaRegressionCatalog catalog, AutoTrainer.Options options) =>
        new(Context(catalog), MetaTask.Regression, NotNull(options));

    /// <summary>Meta-trains a recurrent spiking network that learns by e-prop, with the most common options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="taskColumnName">The column that says which task a row belongs to.</param>
    /// <param name="labelColumnName">Label column, Single or Vector&lt;Single&gt;.</param>
    /// <param name="featureColumnName">Feature column.</param>
    /// <param name="supportRows">Support rows of a task, at least 1.</param>
    /// <param name="neurons">Spiking neurons, at least 1.</param>
    /// <example>
    /// <code>
    /// // Needs libtorch.
    /// var trainer = ml.MetaLearning().Regression.SpikingNetwork(taskColumnName: "Machine", neurons: 100);
    /// </code>
    /// </example>
    public static SpikingNetworkTrainer SpikingNetwork(
        this MetaRegressionCatalog catalog, string taskColumnName, string labelColumnName = "Label", string featureColumnName = "Features",
        int supportRows = 10, int neurons = 100) =>
        catalog.SpikingNetwork(new SpikingNetworkTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Tasks = new TaskColumn(taskColumnName) { SupportRows = supportRows },
            Network = new SpikingNetwork { Neurons = neurons },
        });

    /// <summary>Meta-trains a recurrent spiking network that learns by e-prop.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">All options.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public static SpikingNetworkTrainer SpikingNetwork(this MetaRegressionCatalog catalog, SpikingNetworkTrainer.Options options) =>
        new(Context(catalog), NotNull(options));

    /// <summary>Meta-trains a prototypical network. This baseline adapts by computing means, without gradient descent.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">All options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <example>
    /// <code>
    /// // Needs libtorch.
    /// var trainer = ml.MetaLearning().Classification.PrototypicalNetwork(new PrototypicalNetworkTrainer.Options
    /// {
    ///     Tasks = new Episodes { Ways = 5, Shots = 1 },
    /// });
    /// </code>
    /// </example>
    public static PrototypicalNetworkTrainer PrototypicalNetwork(
        this MetaClassificationCatalog catalog, PrototypicalNetworkTrainer.Options? options = null) =>
        new(Context(catalog), options ?? new());

    /// <summary>Measures the few-shot accuracy of a learner that is adapted to each of many episodes.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="tasks">
    /// Rows of tasks or classes that the learner has not seen. Classes that the tasks share are matched by name.
    /// </param>
    /// <param name="options">Which episodes to draw; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// An option is outside its range, a column is missing or has the wrong type, or the learner does not fit the rows.
    /// </exception>
    /// <exception cref="InvalidOperationException">There are too few rows for the episodes, or the rows contain NaN.</exception>
    /// <example>
    /// <code>
    /// var metrics = ml.MetaLearning().Classification.Evaluate(
    ///     learner, otherRows, new FewShotEvaluationOptions { Tasks = new Episodes { Ways = 5, Shots = 1 } });
    /// Console.WriteLine(metrics); // accuracy ± 95 % confidence interval
    /// </code>
    /// </example>
    public static FewShotMetrics Evaluate(
        this MetaClassificationCatalog catalog, Learner learner, IDataView tasks, FewShotEvaluationOptions? options = null) =>
        FewShotEvaluator.Evaluate(Context(catalog), MetaTask.Classification, tasks, options ?? new(), learner);

    /// <summary>
    /// Measures the few-shot accuracy of any ML.NET trainer over the columns Label (a key) and Features. It is trained on the support rows
    /// of each episode; the episodes are the same as for a learner.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="trainer">The trainer or pipeline. Its model must produce a column Score with one element per class.</param>
    /// <param name="tasks">Rows of tasks or classes.</param>
    /// <param name="options">Which episodes to draw; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or a column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">There are too few rows for the episodes, or the rows contain NaN.</exception>
    public static FewShotMetrics Evaluate(
        this MetaClassificationCatalog catalog, IEstimator<ITransformer> trainer, IDataView tasks,
        FewShotEvaluationOptions? options = null) =>
        FewShotEvaluator.Evaluate(Context(catalog), MetaTask.Classification, tasks, options ?? new(), trainer);

    /// <summary>
    /// Measures the few-shot accuracy of a trained model that does not learn from a task's support rows, such as a model trained on all
    /// tasks together. It is measured on the query rows of the same episodes.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A model over the columns Label and Features that produces a column Score.</param>
    /// <param name="tasks">Rows of tasks that the model has not seen.</param>
    /// <param name="options">Which episodes to draw, from a <see cref="TaskColumn"/>.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or a column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">There are too few rows for the episodes, or the rows contain NaN.</exception>
    public static FewShotMetrics Evaluate(
        this MetaClassificationCatalog catalog, ITransformer model, IDataView tasks, FewShotEvaluationOptions options) =>
        FewShotEvaluator.Evaluate(Context(catalog), MetaTask.Classification, tasks, options, model);

    /// <summary>Measures the few-shot mean squared error of a learner that is adapted to each of many episodes.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="tasks">Rows of tasks that the learner has not seen.</param>
    /// <param name="options">
    /// Which episodes to draw; needs a <see cref="TaskColumn"/> as <see cref="FewShotEvaluationOptions.Tasks"/>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// An option is outside its range, a column is missing or has the wrong type, or the learner does not fit the rows.
    /// </exception>
    /// <exception cref="InvalidOperationException">There are too few rows for the episodes, or the rows contain NaN.</exception>
    /// <example>
    /// <code>
    /// var metrics = ml.MetaLearning().Regression.Evaluate(
    ///     learner, otherRows, new FewShotEvaluationOptions { Tasks = new TaskColumn("Machine") { SupportRows = 10 } });
    /// Console.WriteLine(metrics);
    /// </code>
    /// </example>
    public static FewShotMetrics Evaluate(
        this MetaRegressionCatalog catalog, Learner learner, IDataView tasks, FewShotEvaluationOptions options) =>
        FewShotEvaluator.Evaluate(Context(catalog), MetaTask.Regression, tasks, options, learner);

    /// <summary>
    /// Measures the few-shot mean squared error of any ML.NET trainer over the columns Label and Features. It is trained on the support
    /// rows of each episode; the episodes are the same as for a learner.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="trainer">The trainer or pipeline. Its model must produce a column Score.</param>
    /// <param name="tasks">Rows of tasks.</param>
    /// <param name="options">
    /// Which episodes to draw; needs a <see cref="TaskColumn"/> as <see cref="FewShotEvaluationOptions.Tasks"/>.
    /// </param>
    /// <exception cref="ArgumentException">An option is outside its range, or a column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">There are too few rows for the episodes, or the rows contain NaN.</exception>
    public static FewShotMetrics Evaluate(
        this MetaRegressionCatalog catalog, IEstimator<ITransformer> trainer, IDataView tasks, FewShotEvaluationOptions options) =>
        FewShotEvaluator.Evaluate(Context(catalog), MetaTask.Regression, tasks, options, trainer);

    /// <summary>
    /// Measures the few-shot mean squared error of a trained model that does not learn from a task's support rows, such as a model trained
    /// on all tasks together. It is measured on the query rows of the same episodes.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A model over the columns Label and Features that produces a column Score.</param>
    /// <param name="tasks">Rows of tasks that the model has not seen.</param>
    /// <param name="options">Which episodes to draw, from a <see cref="TaskColumn"/>.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or a column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">There are too few rows for the episodes, or the rows contain NaN.</exception>
    public static FewShotMetrics Evaluate(
        this MetaRegressionCatalog catalog, ITransformer model, IDataView tasks, FewShotEvaluationOptions options) =>
        FewShotEvaluator.Evaluate(Context(catalog), MetaTask.Regression, tasks, options, model);

    private static FewShotTasks Tasks(string? taskColumnName, int? ways, int? shots, int? supportRows)
    {
        if (taskColumnName is null)
        {
            return supportRows is { } rows
                ? throw TrainerThrow.OnlyWithTasks(nameof(supportRows), rows)
                : Episodes(ways, shots);
        }

        return (ways, shots) switch
        {
            ({ } value, _) => throw TrainerThrow.NotWithTasks(nameof(ways), value, taskColumnName),
            (_, { } value) => throw TrainerThrow.NotWithTasks(nameof(shots), value, taskColumnName),
            _ => new TaskColumn(taskColumnName) { SupportRows = supportRows },
        };
    }

    private static AutoTrainer.Options Budgeted(TimeSpan? budget)
    {
        var options = new AutoTrainer.Options();
        return budget is { } time ? options with { Budget = time } : options;
    }

    private static Episodes Episodes(int? ways, int? shots)
    {
        var episodes = new Episodes();
        return episodes with { Ways = ways ?? episodes.Ways, Shots = shots ?? episodes.Shots };
    }

    private static MLContext Context(MetaClassificationCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog.Context;
    }

    private static MLContext Context(MetaRegressionCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog.Context;
    }

    private static T NotNull<T>(T options)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }
}
