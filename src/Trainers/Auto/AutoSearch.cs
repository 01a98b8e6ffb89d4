using System.Diagnostics;
using Microsoft.Data.Analysis;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Auto;

/// <summary>Successive halving over candidates, an estimate on tasks that were set aside, and a training on all tasks.</summary>
internal sealed class AutoSearch(
    MLContext context, IHost host, IChannel channel, MetaTask task, AutoTrainer.Options options, TaskColumns columns, int seed)
{
    private const double ValidationShare = 0.25;
    private const int Eta = 3;

    // Shares of the budget: all candidates for a few steps; the search as a whole. The rest is for the final training.
    private const double ShareOfFirstRound = 0.35;
    private const double ShareOfSearch = 0.7;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly SearchLog _log = new(channel);

    // Every candidate that was tried, in the order of trying.
    private readonly List<CandidateRun> _runs = [];

    // What was spent before an interruption counts.
    private TimeSpan _before;

    private TimeSpan Elapsed => _before + _clock.Elapsed;

    public AutoResult Run(IDataView input)
    {
        using var progress = host.StartProgressChannel("Auto");
        progress.SetHeader(
            new ProgressHeader(["Best validation loss"], ["seconds"]), entry =>
                entry.SetProgress(0, Math.Min(Elapsed.TotalSeconds, options.Budget.TotalSeconds), options.Budget.TotalSeconds));
        var data = LoadedTasks.ReadRows(input, columns, options.Tasks, channel, options.CancellationToken);
        var shares = TaskShares.Of(data, options.Tasks, new Random(seed));
        var split = options.Tasks.SplitForSearch(shares.Search, ValidationShare, new Random(seed + 1));
        channel.Info(
            MessageSensitivity.None, "{0} {1} set aside for the estimate; {2}", shares.SetAside.Groups.Length,
            options.Tasks.ColumnName is null ? "classes" : "tasks", split.Description);

        try
        {
            var best = Halve(shares.Search, split, progress);
            Continue(best, progress);
            using var found = LearnerOf(best.Tasks, best.Best, best.Candidate.Options);
            using var start = LearnerOf(best.Tasks, best.Start, best.Candidate.Options);
            var comparisons = new Estimate(context, task, options, shares, seed).Measure(best.Candidate.Name, found, start);
            var verdict = Verdict.Of(comparisons, shares.SetAside.Groups.Length, options.Tasks.ColumnName is not null);
            channel.Info(MessageSensitivity.None, "Chosen: {0}. {1}", best.Candidate.Name, verdict);
            return new AutoResult(Final(data, best, progress), best.Candidate.Name, Leaderboard(), comparisons, verdict);
        }
        finally
        {
            _runs.ForEach(run => run.Dispose());
        }
    }

    /// <summary>All candidates for a few steps, the best third for three times as many, and so on.</summary>
    private CandidateRun Halve(TaskData data, TaskSplit split, IProgressChannel progress)
    {
        var inRace = new List<CandidateRun>();
        LoadedTasks? tasks = null;
        foreach (var candidate in AutoCandidate.All(options, new Random(seed)).Take(options.MaximumCandidates))
        {
            // The defaults of both learners are tried whatever the budget, and what was tried before an interruption is in the race.
            var checkpoint = Checkpoint($"candidate-{_runs.Count:D3}");
            if (_runs.Count >= 2 && Elapsed > ShareOfFirstRound * options.Budget && !File.Exists(checkpoint))
            {
                break;
            }

            // All candidates share the rows, and the episodes, which are a function of the seed: their losses compare.
            tasks = tasks is null
                ? LoadedTasks.Of(Copy(data), split, candidate.Options, seed)
                : tasks with { Learner = candidate.Options.CreateLearner(tasks.Shape, seed) };
            var run = new CandidateRun(candidate, tasks, _log, checkpoint);
            _runs.Add(run);
            _before += run.Elapsed;
            Race(run, options.FirstSteps);
        }

        for (var steps = options.FirstSteps * Eta; inRace.Count > 1 || steps <= AutoCandidate.MostSteps; steps *= Eta)
        {
            inRace = [.. inRace.OrderBy(run => run.BestLoss).Take((inRace.Count + Eta - 1) / Eta)];
            foreach (var run in inRace.ToArray())
            {
                if (Elapsed > ShareOfSearch * options.Budget)
                {
                    return Best();
                }

                inRace.Remove(run);
                Race(run, Math.Min(steps, AutoCandidate.MostSteps));
            }

            if (steps >= AutoCandidate.MostSteps)
            {
                break;
            }
        }

        return Best();

        CandidateRun Best() => _runs.MinBy(run => run.BestLoss)!;

        void Race(CandidateRun run, int steps)
        {
            if (Train(run, steps, progress))
            {
                inRace.Add(run);
            }
        }
    }

    /// <summary>Trains a candidate until it has had so many steps, and says so.</summary>
    /// <returns>Whether it can go on to be trained.</returns>
    private bool Train(CandidateRun run, int steps, IProgressChannel progress)
    {
        var goesOn = run.TrainTo(steps, options.CancellationToken);
        var best = _runs.Min(of => of.BestLoss);
        progress.Checkpoint(best);
        options.Progress?.Report(new AutoProgress
        {
            Candidate = run.Candidate.Name, Steps = run.Steps, ValidationLoss = run.BestLoss, BestValidationLoss = best,
            Elapsed = Elapsed, Budget = options.Budget,
        });
        return goesOn;
    }

    /// <summary>Trains the best candidate further while it gains and time is left to do so, and to train on all tasks.</summary>
    private void Continue(CandidateRun best, IProgressChannel progress)
    {
        bool IsTime() => Elapsed + ((best.Steps + (2 * options.FirstSteps)) * best.Elapsed / Math.Max(best.Steps, 1)) < options.Budget;
        for (var steps = best.Steps + options.FirstSteps; steps <= AutoCandidate.MostSteps && IsTime(); steps += options.FirstSteps)
        {
            if (!Train(best, steps, progress) || best.Steps < steps)
            {
                return;
            }
        }
    }

    /// <summary>The best settings, trained on all tasks for as many meta-steps as did best on validation tasks.</summary>
    private Learner Final(TaskData data, CandidateRun best, IProgressChannel progress)
    {
        var trainer = best.Candidate.Options;
        var all = options.Tasks.All(data);
        var tasks = LoadedTasks.Of(Copy(data), new TaskSplit(all, all, "all"), trainer, seed);
        using var run = new CandidateRun(best.Candidate, tasks, _log, Checkpoint($"final-{_runs.IndexOf(best):D3}"));
        // Where it diverges, its best θ until then stands.
        _ = Train(run, best.BestStep, progress);
        // No task is left to say how sure it may be: that of the search is as sure.
        return Learner.Load(tasks.WriteLearner(
            run.Best, trainer, best.Tasks.CertaintyOf(context, best.Best, best.Candidate.Options)));
    }

    private Learner LearnerOf(LoadedTasks tasks, float[] theta, MetaTrainingOptions trainer) =>
        Learner.Load(tasks.WriteLearner(context, theta, trainer));

    private string? Checkpoint(string name) =>
        options.CheckpointFolder is { } folder ? Path.Combine(folder, $"{name}.checkpoint") : null;

    // Standardising writes to the rows.
    private static TaskData Copy(TaskData data) =>
        data with { Features = (float[])data.Features.Clone(), Targets = (float[])data.Targets.Clone() };

    private DataFrame Leaderboard()
    {
        var ordered = _runs.OrderBy(run => run.BestLoss).ToArray();
        return new DataFrame(
            new StringDataFrameColumn("Candidate", ordered.Select(run => run.Candidate.Name)),
            new Int32DataFrameColumn("Steps", ordered.Select(run => run.Steps)),
            new DoubleDataFrameColumn("ValidationLoss", ordered.Select(run => run.BestLoss)),
            new DoubleDataFrameColumn("StartLoss", ordered.Select(run => run.StartLoss)));
    }
}
