using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Auto;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>
/// Chooses a learner and its settings by their performance on validation tasks, and reports how much few-shot learning gains on held-out
/// tasks.
/// </summary>
/// <remarks>
/// <para>
/// Created by <c>ml.MetaLearning().Classification.Auto(…)</c> or <c>ml.MetaLearning().Regression.Auto(…)</c>. It takes the same columns as
/// <see cref="ComplexSynapseTrainer"/>. Use <see cref="Fit"/> to make it a stage of a pipeline. <see cref="Search"/> also returns the
/// leaderboard, the estimate and the verdict.
/// </para>
/// <para>
/// First, a fifth of the tasks is held out for the estimate, and a quarter of the remaining tasks for validation. Candidates differ in the
/// learner, the strength of the pull, the width, the meta-learning rate and the inner steps. The defaults of both learners are always among
/// them. Successive halving (Jamieson and Talwalkar, 2016) meta-trains them: all candidates for a few meta-steps, the best third for three
/// times as many, and so on. The best candidate is measured on the tasks held out for the estimate. It is compared with the same learner
/// before meta-training, and with an ML.NET baseline, trained both on all tasks together and on each task alone. The returned learner has
/// the settings of the best candidate. It is meta-trained on all tasks, for the number of meta-steps that did best in the search.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var trainer = ml.MetaLearning().Regression.Auto(new AutoTrainer.Options
/// {
///     Tasks = new TaskColumn("Machine"), Budget = TimeSpan.FromMinutes(10),
/// });
/// var result = trainer.Search(rows);
/// Console.WriteLine(result.Verdict);
/// </code>
/// </example>
public sealed class AutoTrainer : IEstimator<LearnerTransformer>
{
    private readonly MLContext _context;
    private readonly IHost _host;
    private readonly MetaTask _task;
    private readonly Options _options;
    private readonly TaskColumns _columns;
    private readonly int _seed;

    internal AutoTrainer(MLContext context, MetaTask task, Options options)
    {
        options.Validate(task == MetaTask.Classification);
        _context = context;
        _host = ((IHostEnvironment)context).Register(nameof(AutoTrainer));
        _task = task;
        _options = options;
        _columns = new TaskColumns(
            task == MetaTask.Classification, options.LabelColumnName, options.FeatureColumnName, options.Tasks.ColumnName,
            Weight: options.ExampleWeightColumnName);
        _seed = options.Seed ?? _host.Rand.Next();
    }

    /// <summary>Options of <see cref="AutoTrainer"/>.</summary>
    public sealed record Options
    {
        /// <summary>Meta-steps of every candidate in the first round.</summary>
        internal int FirstSteps { get; init; } = 100;

        /// <summary>Label column: a key for classification, or a Boolean with a task column; Single or Vector&lt;Single&gt; of known size
        /// for regression. Default "Label".</summary>
        public string LabelColumnName { get; init; } = "Label";

        /// <summary>Feature column: Single or Vector&lt;Single&gt; of known size, dense or sparse. Default "Features".</summary>
        public string FeatureColumnName { get; init; } = "Features";

        /// <summary>
        /// Column of the rows' weights, Single above 0; null (default) where all weigh the same. A row of weight 2 counts as two in the
        /// losses of its task. The learner then takes weights too.
        /// </summary>
        public string? ExampleWeightColumnName { get; init; }

        /// <summary>
        /// Where tasks come from: <c>new TaskColumn("User")</c>, which a regression needs, or <c>new Episodes()</c> of the label's classes,
        /// the default. Candidates are compared over all numbers of support rows that it allows.
        /// </summary>
        public FewShotTasks Tasks { get; init; } = new Episodes();

        /// <summary>
        /// Time for the search and the final training, above zero. A meta-step that has started is finished. Default five minutes.
        /// </summary>
        public TimeSpan Budget { get; init; } = TimeSpan.FromMinutes(5);

        /// <summary>Maximum number of candidates, at least 2. With a short budget, fewer are tried. Default 60.</summary>
        public int MaximumCandidates { get; init; } = 60;

        /// <summary>
        /// The baseline that the learner is compared with on the held-out tasks: any trainer over the columns Label, Features and
        /// Weight. It is trained once on all rows, and once on the support rows of each task alone. Null (default) for standardised
        /// features and SDCA (regression), maximum entropy by L-BFGS (classification) or logistic regression by L-BFGS (Boolean labels).
        /// </summary>
        public IEstimator<ITransformer>? Baseline { get; init; }

        /// <summary>
        /// The engine that computes the meta-trainings. Default <see cref="Compute.Automatic"/> on all processors, which does not need
        /// libtorch here.
        /// </summary>
        public Compute Compute { get; init; } = Compute.Automatic();

        /// <summary>
        /// Seed of all random choices; null (default) to take one from the <c>MLContext</c>. The result is still not repeatable, because
        /// the budget is a time.
        /// </summary>
        public int? Seed { get; init; }

        /// <summary>
        /// Folder for the state of every candidate. To resume an interrupted search, search again with the same options and rows. The time
        /// spent before the interruption counts towards the budget. The folder must exist, and belongs to one search. Null (default) for
        /// none.
        /// </summary>
        public string? CheckpointFolder { get; init; }

        /// <summary>Receives a report whenever a candidate has been trained, on the calling thread; null (default) for none.</summary>
        public IProgress<AutoProgress>? Progress { get; init; }

        /// <summary>
        /// Stops the search within a step of an inner phase. Nothing is returned; the search can be resumed from
        /// <see cref="CheckpointFolder"/>.
        /// </summary>
        public CancellationToken CancellationToken { get; init; }

        internal void Validate(bool isClassification)
        {
            var check = default(OptionCheck);
            TaskColumns.CheckOptions(LabelColumnName, FeatureColumnName, Tasks, isClassification, ExampleWeightColumnName);
            check.Within(Budget, Budget > TimeSpan.Zero, nameof(Budget), "longer than zero");
            check.Within(CheckpointFolder ?? "null", CheckpointFolder is not "", nameof(CheckpointFolder), "the path of a folder");
            check.AtLeast(MaximumCandidates, 2, nameof(MaximumCandidates));
            check.NotNull(Compute, nameof(Compute));
        }
    }

    /// <summary>Searches, and trains the best learner on all tasks. The results of the search are logged.</summary>
    /// <param name="input">The rows of many tasks, read once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learned from, or there are fewer than five tasks.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public LearnerTransformer Fit(IDataView input) => new(_context, Search(input).Learner);

    /// <summary>Searches, and trains the best learner on all tasks.</summary>
    /// <param name="input">The rows of many tasks, read once.</param>
    /// <returns>The learner, which the caller disposes, and the results of the search.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learned from, or there are fewer than five tasks.</exception>
    /// <exception cref="DirectoryNotFoundException">The <see cref="Options.CheckpointFolder"/> does not exist.</exception>
    /// <exception cref="FormatException">A checkpoint in it is damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public AutoResult Search(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _columns.Check(input.Schema);
        var engine = AutoCandidate.All(_options, new Random(_seed)).First().Options.Engine;
        engine.Check();
        using var begun = engine.Begin();
        if (_options.CheckpointFolder is { } folder && !Directory.Exists(folder))
        {
            throw TrainerThrow.NoFolder(folder);
        }

        using var channel = _host.Start("Auto");
        return new AutoSearch(_context, _host, channel, _task, _options, _columns, Seed()).Run(input);
    }

    /// <summary>The seed of the options; else that of the search that is resumed, else one from the context.</summary>
    private int Seed()
    {
        var first = _options.CheckpointFolder is { } folder ? Path.Combine(folder, "candidate-000.checkpoint") : null;
        var resumed = File.Exists(first) ? CheckpointFile.Owner(first, "seed") : null;
        return _options.Seed is null && int.TryParse(resumed, CultureInfo.InvariantCulture, out var seed) ? seed : _seed;
    }

    /// <summary>Checks the columns and passes them through.</summary>
    /// <param name="inputSchema">The columns of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _columns.Check(inputSchema);
        return inputSchema;
    }
}
