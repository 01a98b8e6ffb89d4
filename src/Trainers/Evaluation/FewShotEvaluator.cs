using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Evaluation;

/// <summary>Draws episodes from tasks and measures on the query rows what was learned from the support rows.</summary>
internal sealed class FewShotEvaluator
{
    private readonly MLContext _context;
    private readonly FewShotEvaluationOptions _options;
    private readonly TaskData _data;
    private readonly IEpisodeSource _source;
    private readonly EpisodeScorer _scorer;

    // Where a learner is measured, the rows are checked against it first, and take the order of its classes.
    private FewShotEvaluator(MLContext context, MetaTask task, IDataView tasks, FewShotEvaluationOptions options, Learner? learner)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(task == MetaTask.Classification);
        _context = context;
        _options = options;
        if (learner is not null)
        {
            CheckKind(learner, task);
        }

        if (options.ExampleWeightColumnName is not null && learner is not { TakesExampleWeights: true })
        {
            throw TrainerThrow.NoExampleWeights();
        }

        var data = TaskDataReader.Read(
            tasks,
            new TaskColumns(
                task == MetaTask.Classification, options.LabelColumnName, options.FeatureColumnName, options.Tasks.ColumnName,
                options.MissingTargets, options.ExampleWeightColumnName), options.CancellationToken);
        _data = options.Tasks.Usable(learner is null ? data : OfLearner(learner, data), minimumTasks: 1);
        if (_data.LeftOut.Length > 0)
        {
            Warn(TrainerThrow.LeftOut(_data.LeftOut, _data.Groups.Length, options.Tasks.ColumnName));
        }

        if (options.Tasks.ColumnName is { } column && _data.IsOfOneClassEach)
        {
            Warn(TrainerThrow.OneClassEach(column, options.LabelColumnName));
        }

        _source = options.Tasks.All(_data);
        _scorer = new EpisodeScorer(context, _data, hasSharedClasses: options.Tasks.ColumnName is not null, options.CancellationToken);
    }

    /// <summary>A learner, adapted to each episode.</summary>
    public static FewShotMetrics Evaluate(
        MLContext context, MetaTask task, IDataView tasks, FewShotEvaluationOptions options, Learner learner)
    {
        ArgumentNullException.ThrowIfNull(learner);
        var evaluator = new FewShotEvaluator(context, task, tasks, options, learner);
        return evaluator.Measure(episode => evaluator._scorer.Adapted(learner, episode, options.AdaptationSteps));
    }

    /// <summary>Any ML.NET trainer over the columns Label and Features, trained from scratch on each episode's support.</summary>
    public static FewShotMetrics Evaluate(
        MLContext context, MetaTask task, IDataView tasks, FewShotEvaluationOptions options, IEstimator<ITransformer> trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        var evaluator = new FewShotEvaluator(context, task, tasks, options, learner: null);
        return evaluator.Measure(episode => evaluator._scorer.Trained(trainer, episode));
    }

    /// <summary>A model that was trained already, on whatever rows, and learns nothing from the support.</summary>
    public static FewShotMetrics Evaluate(
        MLContext context, MetaTask task, IDataView tasks, FewShotEvaluationOptions options, ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var evaluator = new FewShotEvaluator(context, task, tasks, options, learner: null);
        return evaluator.Measure(episode => evaluator._scorer.Scored(model, episode));
    }

    private FewShotMetrics Measure(Func<Episode, EpisodeScores> predict)
    {
        var random = new Random(_options.Seed);
        IMeter meter = _data.IsClassification ? new ClassificationMeter() : new RegressionMeter(_data);
        for (var e = 0; e < _options.NumberOfEpisodes; e++)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            var episode = _source.Draw(random);
            meter.Add(episode, predict(episode));
        }

        return meter.Metrics();
    }

    private void Warn(string message)
    {
        using var channel = ((IHostEnvironment)_context).Register(nameof(FewShotEvaluator)).Start("Evaluation");
        channel.Warning(MessageSensitivity.None, "{0}", message);
    }

    /// <summary>What options and learner say without a look at the rows.</summary>
    private void CheckKind(Learner learner, MetaTask task)
    {
        if (learner.Task != task)
        {
            throw TrainerThrow.LearnerOfOtherTask(learner.Task, task);
        }

        if (learner.Labels is LabelSemantics.Shared or LabelSemantics.Binary && _options.Tasks.ColumnName is null)
        {
            throw TrainerThrow.LearnerOfSharedClasses();
        }

        if (learner.Labels == LabelSemantics.Episodes && _options.Tasks.ColumnName is not null)
        {
            throw TrainerThrow.LearnerOfEpisodes();
        }
    }

    /// <summary>The rows as the learner takes them.</summary>
    private TaskData OfLearner(Learner learner, TaskData data)
    {
        if (learner.FeatureCount != data.FeatureCount)
        {
            throw TrainerThrow.LearnerOfOtherFeatures(learner.FeatureCount, _options.FeatureColumnName, data.FeatureCount);
        }

        if (data.MayMissTargets && !learner.MissingTargets)
        {
            throw TrainerThrow.LearnerOfCompleteTargets();
        }

        if (learner.Task == MetaTask.Regression && learner.OutputCount != data.OutputCount)
        {
            throw TrainerThrow.LearnerOfOtherTargets(learner.OutputCount, _options.LabelColumnName, data.OutputCount);
        }

        if (data.IsClassification && data.IsBinary != (learner.Labels == LabelSemantics.Binary))
        {
            throw TrainerThrow.LearnerOfOtherLabels(learner.Labels == LabelSemantics.Binary, _options.LabelColumnName);
        }

        return learner.Labels == LabelSemantics.Shared ? InClassesOf(learner, data) : data;
    }

    /// <summary>Classes matched by name, whatever their keys are, as a few-shot trainer does.</summary>
    private TaskData InClassesOf(Learner learner, TaskData data)
    {
        string[] names = [.. learner.Classes];
        var classes = Array.ConvertAll([.. data.ClassNames], name => Array.IndexOf(names, name));
        foreach (var row in data.Classes)
        {
            if (classes[row] < 0)
            {
                throw TrainerThrow.UnknownClass(_options.LabelColumnName, data.ClassNames[row], names);
            }
        }

        return data with { Classes = Array.ConvertAll(data.Classes, row => classes[row]), ClassNames = [.. names] };
    }
}
