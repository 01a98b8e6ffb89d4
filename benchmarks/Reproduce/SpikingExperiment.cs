using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using Spectre.Console;

namespace MLNetMeta.Reproduce;

/// <summary>
/// Few-shot regression of sinusoids by a recurrent spiking network (paper, section 5.4): contrastive and unrolled meta-learning, with
/// e-prop and with backpropagation through time.
/// </summary>
/// <remarks>
/// Every method is trained with the same number of presentations of rows, see <see cref="SpikingMethods"/>, and tested on the same unseen
/// tasks. Tuning, final trainings and tests draw their tasks from different seeds.
/// </remarks>
internal static class SpikingExperiment
{
    private const int RowsPerTask = 20;

    /// <summary>Seeds of tasks; trainings take theirs from --seed.</summary>
    private const int TuningSeed = 1_000_003, ValidationSeed = 2_000_003, TestSeed = 3_000_017;

    private static readonly Option<bool> _tune = new("--tune")
    {
        Description = "Choose every method's settings on validation tasks first (6 trainings each)",
    };

    private static readonly Option<int> _budget = Setting.AtLeastOne("--budget", "Presentations for each task of a meta-batch", 32_000);

    private static readonly Option<int> _tuningBudget = Setting.AtLeastOne(
        "--tuning-budget", "Presentations for each training of the tuning", 8_000);

    private static readonly Option<int> _seeds = Setting.AtLeastOne("--seeds", "Trainings of each method, from different seeds", 3);

    private static readonly Option<int> _free = Setting.AtLeastOne("--inner-steps", "Steps of the free phase (the paper: 500)", 60);

    private static readonly Option<int> _nudged = Setting.AtLeastOne("--nudged-steps", "Steps of a nudged phase (the paper: 100)", 5);

    private static readonly Option<int> _recorded = Setting.AtLeastOne(
        "--recorded-steps", "Steps that an unrolled rule differentiates", 10);

    private static readonly Option<int> _tasks = Setting.AtLeastOne("--tasks", "Tasks of a meta-batch (the paper: 25)", 10);

    private static readonly Selection _only = new("method");

    /// <param name="Before">Mean squared error before adaptation; infinite for a training that diverged.</param>
    /// <param name="Mean">The same after adaptation.</param>
    /// <param name="Interval">Half of its 95 % interval over tasks.</param>
    /// <param name="Seconds">Of meta-training.</param>
    private sealed record Result(double Before, double Mean, double Interval, int MetaSteps, double Seconds);

    public static Command Command() => Setting.Command(
        "spiking", "Sinusoid regression by a spiking network: contrastive and unrolled rules, e-prop and backpropagation through time", Run,
        _tune, _budget, _tuningBudget, _seeds, _free, _nudged, _recorded, _tasks, _only.Option);

    private static void Run(Setting setting, ParseResult parsed)
    {
        var phases = setting.Quick
            ? new SpikingPhases(10, 2, 3, 4)
            : new SpikingPhases(parsed.GetValue(_free), parsed.GetValue(_nudged), parsed.GetValue(_recorded), parsed.GetValue(_tasks));
        var methods = _only.Of(parsed, SpikingMethods.All(phases), method => method.Name);
        var journal = new Journal(setting);
        var budget = setting.Quick ? 40 : parsed.GetValue(_tuningBudget);
        var chosen = !parsed.GetValue(_tune) ? methods.ToDictionary(m => m.Name, m => m.Start) : Tuning.OfMethods(
            setting, "spiking-tuning", "Sinusoid regression by a spiking network: tuning",
            $"6 trainings with {budget} presentations for each of {phases.Tasks} tasks, one axis of the grid after the other, from one "
            + $"seed; mean squared error on {TestTasks(setting)} tasks that are not used in the test.",
            methods, (method, values) =>
            {
                var result = Measure(setting, journal, new Training(method, values, phases, budget, TuningSeed), ValidationSeed);
                return new Trial(result.Mean, result.MetaSteps, result.Seconds);
            });
        Compare(setting, journal, methods, phases, parsed, chosen);
    }

    private static void Compare(
        Setting setting, Journal journal, TunedMethod<SpikingNetworkTrainer.Options>[] methods, SpikingPhases phases, ParseResult parsed,
        Dictionary<string, double[]> chosen)
    {
        var (budget, seeds) = setting.Quick ? (60, 2) : (parsed.GetValue(_budget), parsed.GetValue(_seeds));
        Training Of(TunedMethod<SpikingNetworkTrainer.Options> method, int seed) => new(method, chosen[method.Name], phases, budget, seed);
        var results = methods.ToDictionary(
            method => method.Name,
            method =>
                Enumerable.Range(setting.Seed, seeds).Select(seed => Measure(setting, journal, Of(method, seed), TestSeed)).ToArray());
        var first = results[methods[0].Name];
        var table = new Table(
            "Sinusoid regression by a spiking network: mean squared error on unseen tasks after adaptation to 10 rows",
            "method", "MSE", $"difference from '{methods[0].Name}'", "95 % interval over tasks", "MSE before adaptation", "setting",
            "meta-steps", "seconds per training", "published");
        foreach (var method in methods)
        {
            var mine = results[method.Name];
            table.Add(
                method.Name, Spread.Of([.. mine.Select(r => r.Mean)]), mine == first
                    ? "–"
                    : Spread.Of([.. mine.Zip(first, (a, b) => a.Mean - b.Mean)]),
                $"± {mine.Average(r => r.Interval):G2}", Spread.Of([.. mine.Select(r => r.Before)]), method.Describe(chosen[method.Name]),
                mine[0].MetaSteps,
                Math.Round(mine.Average(r => r.Seconds)), "[not available]");
        }

        table.Note(
            $"{TestTasks(setting)} unseen tasks. Mean over {seeds} trainings from different seeds ± 95 % interval (Student's t); "
            + "differences are paired by seed.");
        table.Note(
            $"Equal budget: {budget} presentations of a task's rows with their gradient (a free step counts 1, a nudged step 2, a recorded "
            + $"step 3); {phases.Free} free steps, {phases.Tasks} tasks per meta-step. "
            + (
                parsed.GetValue(_tune)
                    ? "Equal tuning: 6 trainings for each method. Settings are chosen on validation tasks from another seed."
                    : "The settings are the first values of the grid; `--tune` chooses them."));
        table.Note("100 input neurons, 100 recurrent neurons, 20 time steps; spikes are drawn again for every row.");
        table.Write(setting, "spiking");
        Plots.Intervals(setting.FileIn("spiking.png"), "A spiking network: unseen tasks", "mean squared error",
            [.. methods.Select(m => (m.Name, Spread.Of([.. results[m.Name].Select(r => r.Mean)])))]);
        if (methods[0].Options(chosen[methods[0].Name]).Network.Encoding is null)
        {
            Plot(setting, Of(methods[0], setting.Seed).LearnerFile(setting));
        }
    }

    /// <summary>One training from a seed and its test on tasks of another.</summary>
    private static Result Measure(Setting setting, Journal journal, Training training, int testSeed) =>
        journal.Do($"{training.Key} test {testSeed}", () =>
    {
        var clock = Stopwatch.StartNew();
        try
        {
            training.Run(setting);
            var seconds = clock.Elapsed.TotalSeconds;
            var ml = new MLContext(testSeed);
            using var learner = ml.MetaLearning().LoadLearner(training.LearnerFile(setting));
            var unseen = SpikingTasks.Draw(ml, TestTasks(setting), RowsPerTask, testSeed);
            FewShotMetrics Evaluate(int? steps) => ml.MetaLearning().Regression.Evaluate(learner, unseen, new FewShotEvaluationOptions
            {
                Tasks = training.Options.Tasks, FeatureColumnName = training.Options.FeatureColumnName,
                NumberOfEpisodes = TestTasks(setting),
                Seed = testSeed, AdaptationSteps = steps,
            });
            var after = Evaluate(null);
            return new Result(Evaluate(0).Mean, after.Mean, after.ConfidenceInterval95, training.MetaSteps, seconds);
        }
        catch (InvalidOperationException divergence)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{divergence.Message}[/]");
            return new Result(double.PositiveInfinity, double.PositiveInfinity, double.NaN, training.MetaSteps, clock.Elapsed.TotalSeconds);
        }
    });

    private static int TestTasks(Setting setting) => setting.Quick ? 20 : 200;

    /// <summary>A training, which goes on from its checkpoint where it was stopped.</summary>
    private sealed record Training(
        TunedMethod<SpikingNetworkTrainer.Options> Method, double[] Values, SpikingPhases Phases, int Budget, int Seed)
    {
        public string Key => $"{Budget} {Phases.Free} x {Phases.Tasks} {Method.Name} {Method.Describe(Values)} training {Seed}";

        public int MetaSteps => Math.Max(1, Budget / Method.Cost(Values));

        public SpikingNetworkTrainer.Options Options => Method.Options(Values);

        public string LearnerFile(Setting setting) => setting.FileIn($"{FileName(setting)}.onnx");

        public void Run(Setting setting)
        {
            var ml = new MLContext(Seed);
            var rows = SpikingTasks.Draw(ml, setting.Quick ? 40 : 2000, RowsPerTask, Seed);
            AnsiConsole.Progress().Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(shown =>
            {
                var bar = shown.AddTask($"{Method.Name}: {Method.Describe(Values)}, seed {Seed}", maxValue: MetaSteps);
                var options = Options with
                {
                    Standardize = false,
                    Compute = Compute.Torch(
                        threads: setting.Threads, tasksPerShard: Math.Max(1, (Phases.Tasks + setting.Threads - 1) / setting.Threads)),
                    Checkpoint = new(setting.FileIn($"{FileName(setting)}.checkpoint")),
                    Training = Options.Training with
                    {
                        Steps = MetaSteps, TasksPerStep = Phases.Tasks, ValidationTasks = setting.Quick ? 4 : 50,
                        ValidationInterval = Math.Max(1, MetaSteps / 5), Seed = Seed,
                        Progress = new Reports(r =>
                        {
                            bar.Value = r.Step;
                            File.AppendAllText(
                                setting.FileIn($"{FileName(setting)}-history.csv"),
                                FormattableString.Invariant($"{r.Step},{r.TrainingLoss},{r.ValidationLoss}\n"));
                        }),
                    },
                };
                using var learner = ml.MetaLearning().Regression.SpikingNetwork(options).Fit(rows).Learner;
                learner.Save(LearnerFile(setting));
            });
        }

        private string FileName(Setting setting) => Journal.FileName($"{Key}{(setting.Quick ? " quick" : "")}");
    }

    /// <summary>Spikes and readout of one unseen task, before and after its ten rows were learned.</summary>
    private static void Plot(Setting setting, string file)
    {
        using var learner = new MLContext(setting.Seed).MetaLearning().LoadLearner(file);
        var rows = SpikingTasks.Rows(1, RowsPerTask, setting.Seed + 5).ToArray();
        SpikingPlots.Raster(setting.FileIn("raster.png"), learner, rows[..10], rows[10]);
        SpikingPlots.Readout(setting.FileIn("readout.png"), learner, rows[..10]);
    }
}
