using System.CommandLine;
using Microsoft.ML;
using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Transforms;
using Spectre.Console;

namespace MLNetMeta.Reproduce;

/// <summary>Few-shot regression of sinusoids by a recurrent spiking network (paper, section 5.4): contrastive and unrolled meta-learning, with e-prop and with backpropagation through time.</summary>
/// <remarks>
/// Budget: presentations of a task's support or query rows to the network, with the gradient. A free step counts 1, a nudged step 2 (support and query), a recorded step 3. Rules with
/// cheap meta-steps get more of them.
/// </remarks>
internal static class SpikingExperiment
{
    private const int RowsPerTask = 20;

    private static readonly Option<int> _budget = Setting.AtLeastOne("--budget", "Presentations for each task of a meta-batch", 4_000);

    private static readonly Option<int> _steps = Setting.AtLeastOne("--inner-steps", "Steps of the free phase (the paper: 500)", 60);

    private static readonly Option<int> _nudged = Setting.AtLeastOne("--nudged-steps", "Steps of the nudged phase (the paper: 100)", 10);

    private static readonly Option<int> _tasks = Setting.AtLeastOne("--tasks", "Tasks of a meta-batch (the paper: 25)", 10);

    private static readonly Option<int> _recorded = Setting.AtLeastOne("--recorded-steps", "Steps that an unrolled rule differentiates", 10);

    private static readonly Option<string[]> _only = new("--only") { Description = "Only methods whose names contain one of these", AllowMultipleArgumentsPerToken = true };

    private sealed record Protocol(int InnerSteps, int NudgedSteps, int Recorded, int Tasks);

    /// <param name="Name">Row of the table.</param>
    /// <param name="Phases">Its phases in words.</param>
    /// <param name="Cost">Presentations of a meta-step for one task.</param>
    /// <param name="Options">What is this method's own.</param>
    private sealed record Method(
        string Name, Func<Protocol, string> Phases, Func<Protocol, int> Cost, Func<Protocol, SpikingNetworkTrainer.Options, SpikingNetworkTrainer.Options> Options)
    {
        public string FeatureColumn { get; init; } = nameof(SpikingTasks.Row.Features);
    }

    private sealed record Training(double Seconds);

    /// <param name="Before">Mean squared error before adaptation.</param>
    /// <param name="Episodes">Mean squared error of each task after adaptation; the same tasks for every method.</param>
    private sealed record Result(double Before, double[] Episodes);

    public static Command Command() => Setting.Command(
        "spiking", "Sinusoid regression by a spiking network: contrastive and unrolled rules, e-prop and backpropagation through time", Run,
        _budget, _steps, _nudged, _tasks, _recorded, _only);

    private static readonly Method[] _methods =
    [
        Contrastive("contrastive, e-prop", SpikingRule.EProp),
        Contrastive("contrastive, BPTT", SpikingRule.BackpropagationThroughTime),
        Truncated("truncated unrolling, e-prop", SpikingRule.EProp),
        Truncated("truncated unrolling, BPTT", SpikingRule.BackpropagationThroughTime),
        Unrolled("unrolled short phase, e-prop", SpikingRule.EProp),
        Unrolled("unrolled short phase, BPTT", SpikingRule.BackpropagationThroughTime),
        Contrastive("contrastive, error at every step, e-prop", SpikingRule.EProp, SpikingError.EveryStep),
        DrawnOnce(Contrastive("contrastive, chance of spikes drawn once, e-prop", SpikingRule.EProp)),
    ];

    private static Method Contrastive(string name, SpikingRule rule, SpikingError error = SpikingError.TimeAverage) =>
        new(name, p => $"{p.InnerSteps} free, {p.NudgedSteps} nudged", p => p.InnerSteps + (2 * p.NudgedSteps), (p, o) => o with { LearningRule = rule, Error = error, NudgedSteps = p.NudgedSteps });

    /// <summary>The library's own code of numbers as spikes.</summary>
    private static Method DrawnOnce(Method method) => method with
    {
        FeatureColumn = nameof(SpikingTasks.Row.X),
        Options = (p, o) => method.Options(p, o) with { FeatureColumnName = nameof(SpikingTasks.Row.X), Encoding = new PopulationCode { Minimum = -5, Maximum = 5 } },
    };

    private static Method Truncated(string name, SpikingRule rule) =>
        new(name, p => $"{p.InnerSteps}, the last {p.Recorded} recorded", p => p.InnerSteps + (2 * p.Recorded), (p, o) => o with { LearningRule = rule, Rule = MetaGradientRule.Unrolled(p.Recorded) });

    // A phase of ten steps needs larger ones.
    private static Method Unrolled(string name, SpikingRule rule) => new(name, p => $"{p.Recorded} recorded", p => 3 * p.Recorded, (p, o) => o with
    {
        LearningRule = rule, Rule = MetaGradientRule.Unrolled(), InnerSteps = p.Recorded, InnerOptimizer = o.InnerOptimizer.WithLearningRate(5e-3),
    });

    private static void Run(Setting setting, ParseResult parsed)
    {
        var journal = new Journal(setting);
        var protocol = new Protocol(
            setting.Quick ? 10 : parsed.GetValue(_steps), setting.Quick ? 5 : parsed.GetValue(_nudged), setting.Quick ? 3 : parsed.GetValue(_recorded),
            setting.Quick ? 4 : parsed.GetValue(_tasks));
        var budget = setting.Quick ? 60 : parsed.GetValue(_budget);
        var only = parsed.GetValue(_only) ?? [];
        var table = new Table(
            "Sinusoid regression by a spiking network: mean squared error on unseen tasks after adaptation to 10 rows",
            "method", "MSE", "95 % CI", "less the first row's on the same tasks", "MSE before adaptation", "inner steps", "meta-steps", "minutes", "the paper's");
        Result? first = null;
        foreach (var method in _methods.Where(m => only.Length == 0 || only.Any(o => m.Name.Contains(o, StringComparison.Ordinal))))
        {
            var steps = Math.Max(1, budget / method.Cost(protocol));
            var key = $"{method.Name} {method.Phases(protocol)}, {protocol.Tasks} tasks x {steps}";
            var training = journal.Do(key, () => Train(setting, method, protocol, steps, key));
            var result = journal.Do($"{key} measured", () => Measure(setting, method, key));
            first ??= result;
            var metrics = new FewShotMetrics("error", result.Episodes);
            var difference = new FewShotMetrics("difference", [.. result.Episodes.Zip(first.Episodes, (mine, its) => mine - its)]);
            table.Add(
                method.Name, metrics.Mean, $"± {metrics.ConfidenceInterval95:G2}", result == first ? "" : $"{difference.Mean:G2} ± {difference.ConfidenceInterval95:G2}",
                result.Before, method.Phases(protocol), steps, Math.Round(training.Seconds / 60, 1), "[not at hand]");
            if (result == first && method == _methods[0])
            {
                Plot(setting, LearnerFile(setting, key));
            }
        }

        table.Note($"{first?.Episodes.Length} unseen tasks. Equal budget: {budget} presentations of a task's rows with their gradient (a free step 1, a nudged step 2, a recorded step 3). {protocol.Tasks} tasks a meta-step.");
        table.Note("100 input neurons, 100 recurrent neurons, 20 time steps; spikes drawn anew for every row.");
        table.Write(setting, "spiking");
    }

    private static Training Train(Setting setting, Method method, Protocol protocol, int metaSteps, string key)
    {
        var ml = new MLContext(setting.Seed);
        var training = SpikingTasks.Draw(ml, setting.Quick ? 40 : 2000, RowsPerTask, setting.Seed);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Learner? learner = null;
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(shown =>
        {
            var bar = shown.AddTask(method.Name, maxValue: metaSteps);
            var options = method.Options(protocol, Common(setting, protocol, metaSteps) with
            {
                CheckpointPath = setting.FileIn($"{FileName(setting, key)}.checkpoint"),
                Progress = new Reports(r =>
                {
                    bar.Value = r.Step;
                    File.AppendAllText(setting.FileIn($"{FileName(setting, key)}-history.csv"), FormattableString.Invariant($"{r.Step},{r.TrainingLoss},{r.ValidationLoss}\n"));
                }),
            });
            learner = ml.MetaLearning().Regression.SpikingNetwork(options).Fit(training).Learner;
        });
        using var owned = learner!;
        owned.Save(LearnerFile(setting, key));
        return new Training(clock.Elapsed.TotalSeconds);
    }

    private static Result Measure(Setting setting, Method method, string key)
    {
        var ml = new MLContext(setting.Seed);
        var unseen = SpikingTasks.Draw(ml, setting.Quick ? 20 : 300, RowsPerTask, setting.Seed + 1);
        using var learner = ml.MetaLearning().LoadLearner(LearnerFile(setting, key));
        FewShotMetrics Evaluate(int? steps) => ml.MetaLearning().Regression.Evaluate(learner, unseen, new FewShotEvaluationOptions
        {
            TaskColumnName = "Task", FeatureColumnName = method.FeatureColumn, SupportRows = 10, QueryRows = 10, Episodes = setting.Quick ? 10 : 200, Seed = 7, Steps = steps,
        });
        return new Result(Evaluate(0).Mean, [.. Evaluate(null).Episodes]);
    }

    private static SpikingNetworkTrainer.Options Common(Setting setting, Protocol protocol, int metaSteps) => new()
    {
        TaskColumnName = "Task",
        Encoding = null,
        Standardize = false,
        SupportRows = 10,
        QueryRows = 10,
        InnerSteps = protocol.InnerSteps,
        MetaOptimizer = Optimizer.Adam(3e-3, epsilon: 1e-8),
        TasksPerMetaStep = protocol.Tasks,
        TasksPerShard = protocol.Tasks,
        ValidationTasks = setting.Quick ? 4 : 25,
        ValidationInterval = Math.Max(1, metaSteps / 5),
        MetaSteps = metaSteps,
        Seed = setting.Seed,
        NumberOfThreads = setting.Threads,
    };

    private static string FileName(Setting setting, string key) =>
        string.Concat($"{key} seed {setting.Seed}{(setting.Quick ? " quick" : "")}".Select(c => char.IsLetterOrDigit(c) ? c : '-'));

    private static string LearnerFile(Setting setting, string key) => setting.FileIn($"{FileName(setting, key)}.onnx");

    /// <summary>Spikes and readout of one unseen task, before and after its ten rows were learned.</summary>
    private static void Plot(Setting setting, string file)
    {
        using var learner = new MLContext(setting.Seed).MetaLearning().LoadLearner(file);
        var rows = SpikingTasks.Rows(1, RowsPerTask, setting.Seed + 5).ToArray();
        SpikingPlots.Raster(setting.FileIn("raster.png"), learner, rows[..10], rows[10]);
        SpikingPlots.Readout(setting.FileIn("readout.png"), learner, rows[..10]);
    }
}
