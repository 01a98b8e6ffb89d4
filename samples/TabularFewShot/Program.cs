// Few-shot learning on any CSV file. Meta-trains on some classes of the file, then learns the others from one or a few rows of each:
//
//   dotnet run -c Release --project samples/TabularFewShot -- --data letters.csv --label letter --train-classes 16
using Microsoft.ML;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;

if (TabularOptions.Parse(args, out var exitCode) is not { } options)
{
    return exitCode;
}

try
{
    Run(options);
    return 0;
}
catch (Exception failure) when (
    failure is SampleException or InvalidOperationException or ArgumentException or FormatException or IOException
        or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

static void Run(TabularOptions options)
{
    // The initial pull of the fast parameters towards the slow ones. Every task has the same number of rows, so the pull does not need to
    // depend on that number.
    const double pull = 0.1;
    var ml = new MLContext(options.Seed);
    var classification = ml.MetaLearning().Classification;
    options.Output.Create();

    // Some classes are for meta-training; the others stay unseen until the test.
    var split = ClassSplit.Of(CsvTable.Read(options.Data.FullName, options.Label, options.Ignore), options);
    var (history, newClasses) = (split.View(ml, split.TrainClasses), split.View(ml, split.TestClasses));
    Console.WriteLine($"{split.Table.Rows.Count} rows of {split.Table.FeatureNames.Count} features");
    Console.WriteLine($"meta-train on {split.TrainClasses.Count} classes: {Excerpt.Of(string.Join(' ', split.TrainClasses), 1000)}");
    Console.WriteLine($"test on {split.TestClasses.Count} others: {Excerpt.Of(string.Join(' ', split.TestClasses), 1000)}");

    // One learner for each number of shots: meta-train with the number of rows that the app will have.
    var learners = new List<(string Name, Learner[] OfShots)>();
    if (options.Learner is "synapse" or "both")
    {
        learners.Add(("MLNetMeta complex synapse", [.. options.Shots.Select(shots => MetaTrain("synapse", shots, progress =>
            classification.ComplexSynapse(
                (ComplexSynapseTrainer.Options)Settings(
                    new ComplexSynapseTrainer.Options { ConsolidationStrength = pull }, "synapse", shots, progress))))]));
    }

    if (options.Learner is "dual" or "both")
    {
        learners.Add(("MLNetMeta dual system", [.. options.Shots.Select(shots => MetaTrain("dual", shots, progress =>
            classification.DualSystem(
                (DualSystemTrainer.Options)Settings(new DualSystemTrainer.Options { ModulationPull = pull }, "dual", shots, progress))))]));
    }

    if (options.Learner is "auto")
    {
        var found = Search();
        Console.WriteLine($"chosen: {found.Chosen}");
        Console.WriteLine(found.Verdict);
        learners.Add(("MLNetMeta Auto", [.. options.Shots.Select(_ => found.Learner)]));
    }

    // Every method gets the same episodes. Baselines get features standardised over the history, and the settings that work best there.
    var scaling = ml.Transforms.NormalizeMeanVariance("Features", fixZero: false).Fit(history);
    FewShotEvaluationOptions[] tests = [.. options.Shots.Select(shots =>
        new FewShotEvaluationOptions
        {
            Tasks = new Episodes { Ways = options.Ways, Shots = shots }, NumberOfEpisodes = options.Episodes, Seed = options.Seed,
        })];
    var table = ResultTable.OfAccuracy(
        $"Accuracy, {options.Ways} new classes, {options.Episodes} tasks",
        options.Shots.Select(s => s == 1 ? "1 row each" : $"{s} rows each"));
    var baselines = ClassificationBaselines.Quick(ml, new MultilayerPerceptron().HiddenUnits, options.Seed);
    foreach (var baseline in options.FastTree ? [.. baselines, ClassificationBaselines.FastTree(options.Seed)] : baselines)
    {
        table.Measure(baseline.Name, tests.Select(test =>
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            var (setting, trainer) = baseline.Choose(
                candidate => classification.Evaluate(
                    candidate, scaling.Transform(history), test with { NumberOfEpisodes = options.TuningEpisodes }), higherIsBetter: true);
            var metrics = classification.Evaluate(trainer, scaling.Transform(newClasses), test);
            Console.WriteLine(
                $"{baseline.Name}, {((Episodes)test.Tasks).Shots} shots: {metrics} ({setting}) {clock.Elapsed.TotalSeconds:F0} s");
            return metrics;
        }));
    }

    foreach (var (name, ofShots) in learners)
    {
        table.Measure(name, ofShots.Zip(tests, (learner, test) => classification.Evaluate(learner, newClasses, test)));
    }

    table.Write();
    table.Save(Path.Combine(options.Output.FullName, "results.csv"));

    Learner MetaTrain(string name, int shots, Func<IProgress<MetaTrainingProgress>, IEstimator<LearnerTransformer>> trainer)
    {
        var learner = TrainingProgress.Show(
            $"{name}, {shots} shots", new MetaTrainingHistory(), progress => trainer(progress).Fit(history).Learner);
        learner.Save(Path.Combine(options.Output.FullName, $"{name}-{shots}-shot.onnx"));
        return learner;
    }

    // One learner for all numbers of rows, chosen on classes of the history.
    AutoResult Search()
    {
        var result = classification.Auto(new AutoTrainer.Options
        {
            Tasks = new Episodes { Ways = options.Ways, Shots = (options.Shots.Min(), options.Shots.Max()) },
            Budget = TimeSpan.FromMinutes(options.AutoMinutes),
            Seed = options.Seed,
            CheckpointFolder = options.Checkpoint is { } name ? Directory.CreateDirectory($"{name}-auto").FullName : null,
            Progress = new SearchProgress(),
        }).Search(history);
        result.Learner.Save(Path.Combine(options.Output.FullName, "auto.onnx"));
        return result;
    }

    ConsolidationOptions Settings(
        ConsolidationOptions defaults, string name, int shots, IProgress<MetaTrainingProgress> progress) => defaults with
    {
        Tasks = new Episodes { Ways = options.Ways, Shots = shots },
        Rule = MetaGradientRule.Contrastive(strength: 0.1, nudgedSteps: 15),
        Adaptation = new() { Optimizer = Optimizer.Sgd(0.05, 0.9, nesterov: true), Steps = 30 },
        PullPerRow = false,
        Training = new()
        {
            Steps = options.Steps, Seed = options.Seed, ValidationInterval = Math.Max(10, options.Steps / 20), Patience = null,
            Progress = progress,
        },
        Checkpoint = options.Checkpoint is { } path ? new($"{path}-{name}-{shots}-shot") : null,
    };
}

/// <summary>Prints a line for each candidate that has been trained.</summary>
internal sealed class SearchProgress : IProgress<AutoProgress>
{
    public void Report(AutoProgress value) => Console.WriteLine(FormattableString.Invariant(
        $"{value.Elapsed.TotalMinutes:F1} of {value.Budget.TotalMinutes:F1} minutes, validation loss {value.BestValidationLoss:F3}: ")
        + FormattableString.Invariant($"{value.Candidate}, {value.Steps} meta-steps: {value.ValidationLoss:F3}"));
}
