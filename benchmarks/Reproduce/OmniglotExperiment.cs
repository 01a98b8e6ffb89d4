using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using Spectre.Console;

namespace MLNetMeta.Reproduce;

/// <summary>
/// Section 5.3 of the paper on Omniglot: new characters from few drawings, both learners
/// under both protocols, beside the published accuracies.
/// </summary>
/// <remarks>
/// The usual protocol: 1,200 characters, each also turned by 90, 180 and 270 degrees; the other 423 to test; 28 × 28. Of the 1,200, 1,100
/// are meta-trained on and 100 measure settings; the test characters are opened by <c>--final</c> alone. One training gives one learner,
/// which is tested on tasks of every size. Differs from the paper: one learner for all sizes of tasks, which
/// adapts its readout (and the gains and shifts of its last block) instead of all weights; strided convolutions instead of pooling; and,
/// where not transductive, normalisation of each image alone.
/// </remarks>
internal static class OmniglotExperiment
{
    private const int TestQueries = 15;

    private static readonly Option<string?> _data = new("--data")
    {
        Description = "Folder with images_background.zip and images_evaluation.zip, or the folders unpacked from them",
    };

    private static readonly Option<int> _episodes = Setting.AtLeastOne("--episodes", "Test episodes", 600);

    private static readonly Option<int?> _steps = new("--meta-steps")
    {
        Description = "Meta-steps of each training, instead of the settings' number",
    };

    private static readonly Option<bool> _final = new("--final")
    {
        Description = "Opens the test characters, once for the settings at hand; without it the validation characters are measured",
    };

    private static readonly Option<int> _seeds = Setting.AtLeastOne("--seeds", "Trainings of each setting, with seeds from --seed on", 1);

    private static readonly Option<string[]> _only = new("--only")
    {
        Description = "Only trainings whose names contain one of these", AllowMultipleArgumentsPerToken = true,
    };

    private static readonly (int Ways, int Shots)[] _tests = [(5, 1), (5, 5), (20, 1), (20, 5), (3, 1), (10, 1)];

    /// <summary>
    /// Published accuracies in percent of the first tests; all of them of networks that normalise over the batch of queries (transductive),
    /// trained for each size of task.
    /// </summary>
    private static readonly (string Method, string[] Accuracies)[] _published =
    [
        ("MAML (Finn et al., 2017)", ["98.7", "99.9", "95.8", "98.9"]),
        ("first-order MAML (Nichol et al., 2018)", ["98.3", "99.2", "89.4", "97.9"]),
        ("Reptile (Nichol et al., 2018)", ["97.68", "99.48", "89.43", "97.12"]),
        ("iMAML (Rajeswaran et al., 2019), about", ["99.5", "99.7", "96.2", "99.1"]),
        ("contrastive, synaptic (Zucchet et al., 2022), about", ["", "", "94.2", ""]),
        ("contrastive, modulatory (Zucchet et al., 2022), about", ["", "", "94.2", ""]),
    ];

    private static readonly string[] _sets = ["images_background", "images_evaluation"];

    private sealed record Accuracy(double Mean, double Interval);

    private sealed record Result(Accuracy[] Accuracies, double Minutes);

    public static Command Command() => Setting.Command(
        "omniglot", "Omniglot: new characters from a few drawings, both learners, beside the published accuracies", Run, _data, _episodes,
        _steps, _only, _final, _seeds);

    private static void Run(Setting setting, ParseResult parsed)
    {
        var data = parsed.GetValue(_data)
            ?? throw new ArgumentException(
                "Give --data FOLDER, a folder with images_background.zip and images_evaluation.zip of Omniglot "
                + "(github.com/brendenlake/omniglot).");
        var only = parsed.GetValue(_only) ?? [];
        var trainings = OmniglotSettings.All.Where(
            s => only.Length == 0 || only.Any(o => s.Name.Contains(o, StringComparison.Ordinal))).Select(s => setting.Quick
                ? s.Quick()
                : s).ToArray();
        if (trainings.Length == 0)
        {
            throw new ArgumentException(
                $"--only {string.Join(' ', only)} matches no training; the trainings are "
                + $"{string.Join("; ", OmniglotSettings.All.Select(s => s.Name))}.");
        }

        if (parsed.GetValue(_steps) is { } steps)
        {
            trainings = Array.ConvertAll(
                trainings, t => t with { Options = t.Options with { Training = t.Options.Training with { Steps = steps } } });
        }

        var characters = new OmniglotCharacters(Paths(data), setting.Quick);
        var tests = setting.Quick ? _tests[..2] : _tests;
        var episodes = setting.Quick ? 10 : parsed.GetValue(_episodes);
        var (isFinal, seeds) = (parsed.GetValue(_final), setting.Quick ? 2 : parsed.GetValue(_seeds));
        if (isFinal)
        {
            SealedTest.Open(
                setting,
                [
                    .. trainings.Select(training => $"{training.Name}: {training.Describe()}"), $"{episodes} episodes",
                    $"seeds {setting.Seed} to {setting.Seed + seeds - 1}",
                ]);
        }

        var measured = isFinal ? characters.Test : characters.Validation;
        var table = new Table(
            isFinal ? "Omniglot" : "Omniglot, validation characters",
            [
                $"accuracy on {(isFinal ? "unseen" : "validation")} characters, %", .. tests.Select(t => $"{t.Ways}-way {t.Shots}-shot"),
                "minutes of meta-training",
            ]);
        foreach (var training in trainings)
        {
            Result[] results = [.. Enumerable.Range(setting.Seed, seeds).Select(seed =>
            {
                var ofSeed = setting with { Seed = seed };
                return new Journal(ofSeed).Do(
                    $"{training.Name} {episodes} {(isFinal ? "test" : "validation")} episodes {training.Describe()}",
                    () => Measure(ofSeed, training, characters, measured, tests, episodes));
            })];
            table.Add(
                [
                    training.Name, .. tests.Select((_, i) => Cell([.. results.Select(result => result.Accuracies[i])])),
                    Math.Round(results.Average(result => result.Minutes), 1),
                ]);
            table.Note($"{training.Name}: {training.Describe()}.");
        }

        foreach (var (method, accuracies) in isFinal ? _published : [])
        {
            table.Add([$"published: {method}", .. tests.Select((_, i) => accuracies.ElementAtOrDefault(i) ?? ""), ""]);
        }

        table.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{characters.Training.Count} characters, each in four rotations, for meta-training, {measured.Count} others are "
                + $"measured; {episodes} episodes for each column, {TestQueries} queries of each character; ± is the 95 % interval over "
                + $"episodes, one training for all columns"
                + $"{(seeds > 1 ? $", and in brackets over {seeds} trainings of other seeds" : "")}."));
        table.Note(
            "Published networks are trained for exactly the task size of the test and normalise over the batch of queries "
            + "(transductive). \"About\" means: not checked against the publication.");
        table.Write(setting, isFinal ? "omniglot" : "omniglot-validation");
    }

    /// <summary>The two archives or folders of Omniglot in a folder.</summary>
    /// <exception cref="FormatException">One is missing.</exception>
    public static string[] Paths(string data) => [.. _sets.Select(set =>
        new[] { set + ".zip", set }.Select(n => Path.Combine(data, n)).FirstOrDefault(p => File.Exists(p) || Directory.Exists(p))
        ?? throw new FormatException($"'{data}' has neither {set}.zip nor a folder {set}."))];

    /// <summary>Meta-trains, or goes on where an interrupted run of the same settings stopped, and tests.</summary>
    private static Result Measure(
        Setting setting, OmniglotSettings training, OmniglotCharacters characters, IReadOnlySet<string> measured,
        (int Ways, int Shots)[] tests, int episodes)
    {
        var ml = new MLContext(setting.Seed);
        var catalog = ml.MetaLearning().Classification;
        var elapsed = TimeSpan.Zero;
        Learner? learner = null;
        AnsiConsole.Progress().Columns(
            new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(shown =>
        {
            var bar = shown.AddTask(training.Name, maxValue: training.Options.Training.Steps);
            var options = training.Options with
            {
                Compute = Compute.Torch(threads: setting.Threads, tasksPerShard: 1),
                Checkpoint = new(setting.FileIn(
                    $"{training.Name.Replace(", ", "-", StringComparison.Ordinal).Replace(' ', '-')}-{setting.Seed}.checkpoint")),
                Training = training.Options.Training with
                {
                    Seed = setting.Seed,
                    Progress = new Reports(r =>
                    {
                        (bar.Value, elapsed) = (r.Step, r.Elapsed);
                        bar.Description = string.Create(
                            CultureInfo.InvariantCulture, $"{training.Name}, validation loss {r.ValidationLoss:G3}");
                    }),
                },
            };
            var data = Keyed(ml, characters.Load(ml, characters.Training.Contains, rotations: true));
            learner = (options is DualSystemTrainer.Options dual
                ? (IEstimator<LearnerTransformer>)catalog.DualSystem(dual)
                : catalog.ComplexSynapse((ComplexSynapseTrainer.Options)options)).Fit(data).Learner;
        });
        using var owned = learner!;
        var unseen = Keyed(ml, characters.Load(ml, measured.Contains, rotations: false));
        var accuracies = tests.Select(test => catalog.Evaluate(owned, unseen, new FewShotEvaluationOptions
        {
            Tasks = new Episodes { Ways = test.Ways, Shots = test.Shots, QueryRows = TestQueries }, NumberOfEpisodes = episodes, Seed = 7,
        })).Select(m => new Accuracy(m.Mean, m.ConfidenceInterval95));
        return new Result([.. accuracies], elapsed.TotalMinutes);
    }

    /// <summary>Mean over trainings, interval over episodes, and in brackets the interval over trainings where there are several.</summary>
    private static string Cell(Accuracy[] trainings)
    {
        var cell = FormattableString.Invariant(
            $"{100 * trainings.Average(of => of.Mean):F2} ± {100 * trainings.Average(of => of.Interval):F2}");
        return trainings.Length == 1
            ? cell
            : cell + FormattableString.Invariant($" ({100 * Spread.Of([.. trainings.Select(of => of.Mean)]).Interval:F2})");
    }

    private static IDataView Keyed(MLContext ml, IDataView rows) =>
        ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
}
