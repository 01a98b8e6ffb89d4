using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
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

        var data = TaskDataReader.Read(
            tasks,
            new TaskColumns(
                task == MetaTask.Classification, options.LabelColumnName, options.FeatureColumnName, options.Tasks.ColumnName,
                options.MissingTargets), options.CancellationToken);
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
    }

    /// <summary>A learner, adapted to each episode.</summary>
    public static FewShotMetrics Evaluate(
        MLContext context, MetaTask task, IDataView tasks, FewShotEvaluationOptions options, Learner learner)
    {
        ArgumentNullException.ThrowIfNull(learner);
        var evaluator = new FewShotEvaluator(context, task, tasks, options, learner);
        return evaluator.Measure(episode => evaluator.Adapted(learner, episode));
    }

    /// <summary>Any ML.NET trainer over the columns Label and Features, trained from scratch on each episode's support.</summary>
    public static FewShotMetrics Evaluate(
        MLContext context, MetaTask task, IDataView tasks, FewShotEvaluationOptions options, IEstimator<ITransformer> trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        var evaluator = new FewShotEvaluator(context, task, tasks, options, learner: null);
        return evaluator.Measure(episode => evaluator.Trained(trainer, episode));
    }

    private FewShotMetrics Measure(Func<Episode, float[]> predict)
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

    private float[] Adapted(Learner learner, Episode episode)
    {
        var support = new SupportSet(
            episode.Support.Length,
            Gather(episode.Support, _data.FeatureCount, _data.FeaturesOf),
            _data.IsClassification ? Array.ConvertAll(episode.SupportClasses, c => (long)c) : null,
            _data.IsClassification ? null : Gather(episode.Support, _data.OutputCount, _data.TargetsOf));
        using var adapted = learner.Adapt(support, _options.AdaptationSteps, _options.CancellationToken);
        var width = learner.OutputCount ?? episode.ClassCount;
        using var scorer = new BatchScorer(learner, adapted, width, episode.Query.Length);
        for (var i = 0; i < episode.Query.Length; i++)
        {
            _data.FeaturesOf(episode.Query[i]).CopyTo(scorer.Query(i));
        }

        scorer.Run(episode.Query.Length);
        var scores = new float[episode.Query.Length * width];
        for (var i = 0; i < episode.Query.Length; i++)
        {
            scorer.Scores(i).CopyTo(scores.AsSpan(i * width));
        }

        return scores;
    }

    private float[] Trained(IEstimator<ITransformer> trainer, Episode episode)
    {
        // Classes of a task column have their names, which a learner of shared labels goes by; those of an episode are numbered.
        var names = _options.Tasks.ColumnName is not null ? _data.ClassNames
            : [.. Enumerable.Range(0, episode.ClassCount).Select(c => c.ToString(CultureInfo.InvariantCulture))];
        var support = EpisodeView.Create(_context, _data, episode.Support, episode.SupportClasses, names);
        var query = EpisodeView.Create(_context, _data, episode.Query, episode.QueryClasses, names);
        var model = trainer.Fit(support);
        using var disposable = model as IDisposable;
        var scored = model.Transform(query);
        var score = scored.Schema["Score"];
        if (score.Type is VectorDataViewType)
        {
            return [.. scored.GetColumn<float[]>(score).SelectMany(row => row)];
        }

        return [.. scored.GetColumn<float>(score)];
    }

    private delegate ReadOnlySpan<float> RowOf(int row);

    private static float[] Gather(int[] rows, int width, RowOf rowOf)
    {
        var values = new float[rows.Length * width];
        for (var i = 0; i < rows.Length; i++)
        {
            rowOf(rows[i]).CopyTo(values.AsSpan(i * width));
        }

        return values;
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

        if (learner.Labels == LabelSemantics.Shared && _options.Tasks.ColumnName is null)
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
