using System.Globalization;
using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using Spectre.Console;

namespace MLNetMeta.Reproduce;

/// <summary>
/// Sinusoid regression: every rule tuned with the same effort and trained with the same number
/// of gradient evaluations, on the same unseen tasks.
/// </summary>
/// <remarks>
/// Budget: gradients of the network's loss for each task of a meta-batch, see <see cref="SinusoidMethods"/>. Rules with cheap meta-steps
/// get more of them. Tuning, final trainings and tests draw their tasks from different seeds.
/// </remarks>
internal static class SinusoidExperiment
{
    private const int RowsPerTask = 40;

    private const int LongSteps = 15_000;

    /// <summary>λ, meta-learning rate and steps of the longer training.</summary>
    private static readonly double[] _longValues = [0.1, 1e-2, 50];

    /// <summary>Seeds of tasks; trainings take theirs from --seed.</summary>
    private const int TuningSeed = 1_000_003, ValidationSeed = 2_000_003, TestSeed = 3_000_017;

    private static readonly Option<bool> _tune = new("--tune")
    {
        Description = "Choose every method's settings on validation tasks first (6 trainings each)",
    };

    private static readonly Option<bool> _long = new("--long")
    {
        Description = "The best contrastive result: the dual system with a longer training",
    };

    private static readonly Option<bool> _advice = new("--advice") { Description = "Also show what pilots advise on the nudging strength" };

    private static readonly Selection _only = new("method");

    private static readonly Option<int> _budget = Setting.AtLeastOne(
        "--budget", "Gradient evaluations for each task of a meta-batch", 80_000);

    private static readonly Option<int> _seeds = Setting.AtLeastOne("--seeds", "Trainings of each method, from different seeds", 5);

    private static readonly TunedMethod<InnerLoopOptions> _longDual = SinusoidMethods.All.Single(m => m.Name == "contrastive, dual system");

    /// <param name="Mean">Mean squared error over the tasks of a test.</param>
    /// <param name="Interval">Half of its 95 % interval over tasks; infinite mean for a training that diverged.</param>
    /// <param name="Seconds">Of meta-training.</param>
    /// <param name="Picture">Predictions on the task of the plot, over <see cref="SinusoidTasks.Axis"/>.</param>
    private sealed record Result(double Mean, double Interval, int MetaSteps, double Seconds, float[] Picture);

    public static Command Command() => Setting.Command(
        "sinusoid",
        "Sinusoid regression from 10 rows, 1-40-40-1: contrastive, MAML, iMAML, first-order MAML, Reptile at equal tuning and equal "
        + "gradient evaluations",
        Run, _tune, _long, _advice, _only.Option, _budget, _seeds);

    private static void Run(Setting setting, ParseResult parsed)
    {
        var journal = new Journal(setting);
        var budget = setting.Quick ? 1_000 : parsed.GetValue(_budget);
        var seeds = setting.Quick ? 2 : parsed.GetValue(_seeds);
        if (parsed.GetValue(_long))
        {
            Long(setting, journal);
            return;
        }

        var methods = _only.Of(parsed, SinusoidMethods.All, method => method.Name);
        var tune = parsed.GetValue(_tune);
        var chosen = !tune ? methods.ToDictionary(m => m.Name, m => m.Start) : Tuning.OfMethods(
            setting, "sinusoid-tuning", "Sinusoid regression: tuning",
            string.Create(
                CultureInfo.InvariantCulture,
                $"6 trainings with {budget} gradient evaluations per task, one axis of the grid after the other, from one seed; mean "
                + $"squared error on {Tasks(setting, 300)} tasks that are not used in the test."),
            methods, (method, values) =>
            {
                var result = journal.Do(
                    $"tuning {budget} {method.Name} {method.Describe(values)}", () =>
                        Measure(setting, method, values, budget, TuningSeed, ValidationSeed, Tasks(setting, 300)));
                return new Trial(result.Mean, result.MetaSteps, result.Seconds);
            });
        Compare(setting, journal, methods, budget, seeds, chosen, tune);
        if (parsed.GetValue(_advice))
        {
            Advice(setting, journal);
        }
    }

    private static void Compare(
        Setting setting, Journal journal, TunedMethod<InnerLoopOptions>[] methods, int budget, int seeds,
        Dictionary<string, double[]> chosen, bool tuned)
    {
        var results = methods.ToDictionary(method => method.Name, method => Enumerable.Range(setting.Seed, seeds).Select(seed => journal.Do(
            $"{budget} {method.Name} {method.Describe(chosen[method.Name])} training {seed}",
            () => Measure(setting, method, chosen[method.Name], budget, seed, TestSeed, Tasks(setting, 1000)))).ToArray());
        var ranked = methods.OrderBy(m => results[m.Name].Average(r => r.Mean)).ToArray();
        var best = results[(ranked.FirstOrDefault(m => m.IsContrastive) ?? ranked[0]).Name];
        var table = new Table(
            "Sinusoid regression", "method", "MSE on unseen tasks", "difference from the best contrastive method",
            "95 % interval over tasks", "setting", "meta-steps", "seconds per training");
        foreach (var method in ranked)
        {
            var mine = results[method.Name];
            table.Add(
                method.Name, Spread.Of([.. mine.Select(r => r.Mean)]), mine == best
                    ? "–"
                    : Spread.Of([.. mine.Zip(best, (a, b) => a.Mean - b.Mean)]),
                $"± {mine.Average(r => r.Interval):G2}", method.Describe(chosen[method.Name]), mine[0].MetaSteps,
                Math.Round(mine.Average(r => r.Seconds)));
        }

        table.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"y = A sin(x + p), A from U[0.1, 5], p from U[0, π], x from U[−5, 5]; 10 rows for adaptation, 30 for testing, "
                + $"{Tasks(setting, 1000)} unseen tasks. Network 1-40-40-1, tanh. ")
            + FormattableString.Invariant(
                $"Mean over {seeds} trainings from different seeds ± 95 % interval (Student's t); differences are paired by seed."));
        table.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Equal budget: {budget} gradient evaluations for each task of a meta-batch of 16 (a step of a phase counts 1, a "
                + $"Hessian-vector product 2, a recorded and differentiated step 3). ")
            + (
                tuned
                    ? "Equal tuning: 6 trainings with this budget for each method. Settings are chosen on validation tasks from another "
                        + "seed."
                    : "The settings are the first values of the grid; `--tune` chooses them."));
        table.Note(
            "The paper gives no results for this table. MAML, iMAML, first-order MAML and Reptile are this library's implementations.");
        table.Write(setting, "sinusoid");
        Plots.Intervals(setting.FileIn("sinusoid.png"), "Sinusoid regression: unseen tasks", "mean squared error",
            [.. ranked.Select(m => (m.Name, Spread.Of([.. results[m.Name].Select(r => r.Mean)])))]);
        var (support, truth) = SinusoidTasks.Picture();
        Plots.Lines(setting.FileIn("sinusoid-task.png"), "An unseen task, learned from 10 rows", "x", "y",
        [
            new Curve("truth", truth, Dashed: true),
            .. ranked.Where(m => results[m.Name][0].Picture.Length > 0).Select(
                m => new Curve(m.Name, [.. SinusoidTasks.Axis.Zip(results[m.Name][0].Picture, (x, y) => (x, (double)y))])),
        ], support);
    }

    private static void Long(Setting setting, Journal journal)
    {
        var budget = (setting.Quick ? 20 : LongSteps) * _longDual.Cost(_longValues);
        var result = journal.Do(
            $"long {budget}", () => Measure(setting, _longDual, _longValues, budget, setting.Seed, TestSeed, Tasks(setting, 1000)));
        var table = new Table("Sinusoid regression, a longer training", "method", "MSE on unseen tasks", "meta-steps", "minutes");
        table.Add(_longDual.Name, new Spread(result.Mean, result.Interval), result.MetaSteps, Math.Round(result.Seconds / 60, 1));
        table.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"One training; ± is the 95 % interval over {Tasks(setting, 1000)} unseen tasks. {_longDual.Describe(_longValues)}, 16 "
                + $"tasks per meta-step."));
        table.Write(setting, "sinusoid-long");
    }

    /// <summary>What pilots advise on tasks of this kind.</summary>
    private static void Advice(Setting setting, Journal journal)
    {
        var table = new Table(
            "Advice of the pilots: relative error of the meta-gradient at the start of training", "learner", "free steps", "nudged steps",
            "β", "error");
        foreach (var method in SinusoidMethods.All.Where(m => m.IsContrastive))
        {
            var clock = Stopwatch.StartNew();
            var (advice, seconds) = journal.Do($"advice {method.Name}", () =>
            {
                var ml = new MLContext(setting.Seed);
                var training = SinusoidTasks.Draw(ml, Tasks(setting, 4000), RowsPerTask, setting.Seed);
                var options = Configured(setting, method.Options(method.Start), 1, setting.Seed, new Reports(_ => { }));
                var advice = options switch
                {
                    DualSystemTrainer.Options dual => ml.MetaLearning().Regression.DualSystem(dual).Advise(training),
                    _ => ml.MetaLearning().Regression.ComplexSynapse((ComplexSynapseTrainer.Options)options).Advise(training),
                };
                return KeyValuePair.Create(advice, clock.Elapsed.TotalSeconds);
            });
            foreach (var trial in advice.Trials)
            {
                table.Add(method.Name, trial.AdaptationSteps, trial.NudgedSteps, trial.NudgingStrength, trial.Error);
            }

            table.Note(FormattableString.Invariant($"{method.Name}: {advice} ({seconds:F1} s)."));
        }

        table.Write(setting, "sinusoid-advice");
    }

    /// <summary>One training from a seed and its test on tasks of another.</summary>
    private static Result Measure(
        Setting setting, TunedMethod<InnerLoopOptions> method, double[] values, int budget, int seed, int testSeed, int testTasks)
    {
        var metaSteps = Math.Max(1, budget / method.Cost(values));
        var ml = new MLContext(seed);
        var training = SinusoidTasks.Draw(ml, Tasks(setting, 4000), RowsPerTask, seed);
        var clock = Stopwatch.StartNew();
        try
        {
            using var learner = Learned(setting, ml, method, values, metaSteps, seed, training);
            var seconds = clock.Elapsed.TotalSeconds;
            var metrics = ml.MetaLearning().Regression.Evaluate(
                learner, SinusoidTasks.Draw(ml, testTasks, RowsPerTask, testSeed), new FewShotEvaluationOptions
            {
                Tasks = new TaskColumn("Task") { SupportRows = 10, QueryRows = 30 }, NumberOfEpisodes = testTasks, Seed = testSeed,
            });
            return new Result(metrics.Mean, metrics.ConfidenceInterval95, metaSteps, seconds, SinusoidTasks.Picture(ml, learner));
        }
        catch (InvalidOperationException divergence)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{divergence.Message}[/]");
            return new Result(double.PositiveInfinity, double.NaN, metaSteps, clock.Elapsed.TotalSeconds, []);
        }
    }

    private static Learner Learned(
        Setting setting, MLContext ml, TunedMethod<InnerLoopOptions> method, double[] values, int metaSteps, int seed, IDataView training)
    {
        Learner? learner = null;
        AnsiConsole.Progress().Columns(
            new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(shown =>
        {
            var bar = shown.AddTask($"{method.Name}: {method.Describe(values)}, seed {seed}", maxValue: metaSteps);
            var options = Configured(setting, method.Options(values), metaSteps, seed, new Reports(r => bar.Value = r.Step));
            learner = options switch
            {
                DualSystemTrainer.Options dual => ml.MetaLearning().Regression.DualSystem(dual).Fit(training).Learner,
                _ => ml.MetaLearning().Regression.ComplexSynapse((ComplexSynapseTrainer.Options)options).Fit(training).Learner,
            };
        });
        return learner!;
    }

    private static InnerLoopOptions Configured(
        Setting setting, InnerLoopOptions options, int metaSteps, int seed, IProgress<MetaTrainingProgress> progress) => options with
    {
        Tasks = new TaskColumn("Task") { SupportRows = 10, QueryRows = 10 },
        Network = new MultilayerPerceptron { HiddenUnits = [40, 40] },
        Training = options.Training with
        {
            Steps = metaSteps, TasksPerStep = 16, ValidationInterval = Math.Max(1, metaSteps / 20), ValidationTasks = setting.Quick
                ? 8
                : 64,
            Seed = seed, Progress = progress,
        },
        Compute = Compute.Torch(threads: setting.Threads, tasksPerShard: 16),
    };

    private static int Tasks(Setting setting, int usual) => setting.Quick ? Math.Min(usual, 60) : usual;
}
