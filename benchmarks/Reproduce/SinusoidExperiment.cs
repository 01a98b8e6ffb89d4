using System.CommandLine;
using Microsoft.ML;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using Spectre.Console;

namespace MLNetMeta.Reproduce;

/// <summary>Sinusoid regression: every rule with the same number of gradient evaluations, on the same unseen tasks.</summary>
/// <remarks>
/// Budget: gradients of the network's loss for each task of a meta-batch. A step of a phase counts 1, a Hessian-vector product 2, the backward
/// pass through a recorded step 2. Rules with cheap meta-steps get more of them.
/// </remarks>
internal static class SinusoidExperiment
{
    private const int RowsPerTask = 40;

    private static readonly Option<bool> _long = new("--long") { Description = "The best contrastive figure: the dual system with a longer training" };

    private static readonly Option<int> _budget = Setting.AtLeastOne("--budget", "Gradient evaluations for each task of a meta-batch", 100_000);

    /// <param name="Name">Row of the table.</param>
    /// <param name="Cost">Gradient evaluations of a meta-step for one task.</param>
    /// <param name="Fit">Meta-trains for that many meta-steps.</param>
    private sealed record Method(string Name, int Cost, Func<MLContext, Common, IDataView, Learner> Fit);

    private sealed record Common(int MetaSteps, int Seed, int Threads, IProgress<MetaTrainingProgress> Progress);

    private sealed record Result(double Mean, double Interval, int Episodes, int MetaSteps, double Seconds);

    public static Command Command() => Setting.Command(
        "sinusoid", "Sinusoid regression from 10 rows, 1-40-40-1: contrastive, MAML, iMAML, first-order MAML, Reptile at equal gradient evaluations", Run, _long, _budget);

    private static readonly ComplexSynapseTrainer.Options _maml = new()
    {
        ConsolidationStrength = 0,
        LearnConsolidation = false,
        InnerOptimizer = Optimizer.Sgd(0.05),
        InnerSteps = 10,
        MetaOptimizer = Optimizer.Adam(3e-3),
    };

    private static readonly Method[] _methods =
    [
        new("contrastive, dual system, advised β", 100, (ml, c, data) => Dual(ml, c, data, null)),
        new("contrastive, dual system, β 0.1", 100, (ml, c, data) => Dual(ml, c, data, 0.1)),
        new("contrastive, complex synapse, advised β", 100, (ml, c, data) => Synapse(ml, c, data, Contrastive(null))),
        new("contrastive, complex synapse, β 0.1", 100, (ml, c, data) => Synapse(ml, c, data, Contrastive(0.1))),
        new("iMAML (10 CG steps)", 70, (ml, c, data) => Synapse(ml, c, data, Contrastive(null) with
        {
            Rule = MetaGradientRule.ConjugateGradient(10), LearnConsolidation = false,
        })),
        new("MAML (10 steps, unrolled)", 30, (ml, c, data) => Synapse(ml, c, data, _maml with { Rule = MetaGradientRule.Unrolled() })),
        new("first-order MAML (10 steps)", 11, (ml, c, data) => Synapse(ml, c, data, _maml with { Rule = MetaGradientRule.FirstOrder })),
        new("Reptile (20 steps)", 20, (ml, c, data) => Synapse(ml, c, data, _maml with { Rule = MetaGradientRule.Reptile, InnerSteps = 20 })),
    ];

    private static void Run(Setting setting, ParseResult parsed)
    {
        var journal = new Journal(setting);
        var budget = setting.Quick ? 2_000 : parsed.GetValue(_budget);
        var isLong = parsed.GetValue(_long);
        var table = new Table(
            "Sinusoid regression: mean squared error on unseen tasks after adaptation to 10 rows", "method", "MSE", "95 % CI", "tasks", "meta-steps", "minutes");
        Method[] methods = isLong
            ? [new("contrastive, dual system, β 0.1, long", 100, (ml, c, data) => Dual(ml, c, data, 0.1))]
            : _methods;
        foreach (var method in methods)
        {
            var steps = isLong ? setting.Quick ? 50 : 15_000 : Math.Max(1, budget / method.Cost);
            var result = journal.Do($"{method.Name} {steps}", () => Measure(setting, method, steps));
            table.Add(method.Name, result.Mean, $"± {result.Interval:G2}", result.Episodes, result.MetaSteps, Math.Round(result.Seconds / 60, 1));
        }

        table.Note(isLong
            ? "16 tasks a meta-step."
            : $"Equal budget: {budget} gradient evaluations for each task of a meta-batch (a step of a phase 1, a Hessian-vector product 2, a recorded step 3); 16 tasks a meta-step.");
        table.Note("No published figure of this configuration was at hand; iMAML, MAML, first-order MAML and Reptile are those of this library.");
        table.Write(setting, isLong ? "sinusoid-long" : "sinusoid");
        if (!isLong)
        {
            Advice(setting);
        }
    }

    /// <summary>What the pilots of the advised runs saw.</summary>
    private static void Advice(Setting setting)
    {
        var ml = new MLContext(setting.Seed);
        var training = SinusoidTasks.Draw(ml, setting.Quick ? 200 : 4000, RowsPerTask, setting.Seed);
        var common = new Common(1, setting.Seed, setting.Threads, new Reports(_ => { }));
        var table = new Table("Advice of the pilots: relative error of the meta-gradient at the start of training", "learner", "free steps", "nudged steps", "β", "error");
        var regression = ml.MetaLearning().Regression;
        foreach (var (name, advise) in new (string, Func<NudgingAdvice>)[]
        {
            ("dual system", () => regression.DualSystem(DualOptions(common, null)).Advise(training)),
            ("complex synapse", () => regression.ComplexSynapse(SynapseOptions(common, Contrastive(null))).Advise(training)),
        })
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            var advice = advise();
            foreach (var trial in advice.Trials)
            {
                table.Add(name, trial.InnerSteps, trial.NudgedSteps, trial.NudgingStrength, trial.Error);
            }

            table.Note(FormattableString.Invariant($"{name}: {advice} ({clock.Elapsed.TotalSeconds:F1} s)."));
        }

        table.Write(setting, "sinusoid-advice");
    }

    private static Result Measure(Setting setting, Method method, int metaSteps)
    {
        var ml = new MLContext(setting.Seed);
        var training = SinusoidTasks.Draw(ml, setting.Quick ? 200 : 4000, RowsPerTask, setting.Seed);
        var unseen = SinusoidTasks.Draw(ml, setting.Quick ? 100 : 1000, RowsPerTask, setting.Seed + 1);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Learner? learner = null;
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(shown =>
        {
            var bar = shown.AddTask(method.Name, maxValue: metaSteps);
            learner = method.Fit(ml, new Common(metaSteps, setting.Seed, setting.Threads, new Reports(r => bar.Value = r.Step)), training);
        });
        var seconds = clock.Elapsed.TotalSeconds;
        using var owned = learner!;
        var metrics = ml.MetaLearning().Regression.Evaluate(owned, unseen, new FewShotEvaluationOptions
        {
            TaskColumnName = "Task", SupportRows = 10, QueryRows = 30, Episodes = setting.Quick ? 50 : 1000, Seed = 7,
        });
        return new Result(metrics.Mean, metrics.ConfidenceInterval95, metrics.Episodes.Count, metaSteps, seconds);
    }

    private static ComplexSynapseTrainer.Options Contrastive(double? strength) => new() { NudgingStrength = strength, MetaOptimizer = Optimizer.Adam(1e-2) };

    private static Learner Synapse(MLContext ml, Common common, IDataView data, ComplexSynapseTrainer.Options options) =>
        ml.MetaLearning().Regression.ComplexSynapse(SynapseOptions(common, options)).Fit(data).Learner;

    private static Learner Dual(MLContext ml, Common common, IDataView data, double? strength) =>
        ml.MetaLearning().Regression.DualSystem(DualOptions(common, strength)).Fit(data).Learner;

    private static ComplexSynapseTrainer.Options SynapseOptions(Common common, ComplexSynapseTrainer.Options options) => options with
    {
        TaskColumnName = "Task", HiddenUnits = [40, 40], SupportRows = 10, QueryRows = 10,
        MetaSteps = common.MetaSteps, Seed = common.Seed, NumberOfThreads = common.Threads, Progress = common.Progress,
    };

    private static DualSystemTrainer.Options DualOptions(Common common, double? strength) => new()
    {
        TaskColumnName = "Task", HiddenUnits = [40, 40], SupportRows = 10, QueryRows = 10, NudgingStrength = strength, MetaOptimizer = Optimizer.Adam(1e-2),
        MetaSteps = common.MetaSteps, Seed = common.Seed, NumberOfThreads = common.Threads, Progress = common.Progress,
    };

    private sealed class Reports(Action<MetaTrainingProgress> report) : IProgress<MetaTrainingProgress>
    {
        public void Report(MetaTrainingProgress value) => report(value);
    }
}
