using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using Spectre.Console;

namespace MLNetMeta.Reproduce;

/// <summary>
/// Section 5.3 of the paper on Omniglot or CIFAR-FS: new classes from few images, beside references at the same budget and the published
/// accuracies.
/// </summary>
/// <remarks>
/// Omniglot by the usual protocol: 1,200 characters, each also turned by 90, 180 and 270 degrees; the other 423 to test; 28 × 28. Of the
/// 1,200, 1,100 are meta-trained on and 100 measure settings. CIFAR-FS has 64 classes to meta-train, 16 to measure settings, 20 to test.
/// The test classes are opened by <c>--final</c> alone. One training gives one learner, which is tested on tasks of every size. Differs
/// from the paper: see <see cref="VisualSettings"/>.
/// </remarks>
internal static class VisualExperiment
{
    private const int TestQueries = 15, MaximumShift = 4;

    private static readonly Option<string?> _omniglot = new("--omniglot")
    {
        Description = "Folder with Omniglot's images_background.zip and images_evaluation.zip, or the folders unpacked from them",
    };

    private static readonly Option<string?> _cifarFs = new("--cifar-fs")
    {
        Description = "Folder with CIFAR-FS: classes.csv (class, cifar_fs_split) and strips images/CLASS_trainN.png, CLASS_testN.png",
    };

    private static readonly Option<int> _episodes = Setting.AtLeastOne("--episodes", "Test episodes", 600);

    private static readonly Option<int?> _steps = new("--meta-steps")
    {
        Description = "Meta-steps instead of the settings' number; in the group of all weights, those of the contrastive rule with one λ",
    };

    private static readonly Option<int?> _filters = new("--filters")
    {
        Description = "Filters of each block, instead of the settings' number",
    };

    private static readonly Option<bool> _maxPool = new("--max-pooling")
    {
        Description = "Convolutions of stride 1 and 2 × 2 max-pooling, where the settings have convolutions of stride 2",
    };

    private static readonly Option<int?> _ways = new("--ways")
    {
        Description = "Classes of a training task, instead of the settings' number",
    };

    private static readonly Option<int?> _queries = new("--queries")
    {
        Description = "Query images of each class of a training task, instead of the settings' number",
    };

    private static readonly Option<double?> _rate = new("--meta-rate")
    {
        Description = "Meta-learning rate, instead of the settings'",
    };

    private static readonly Option<bool> _augment = new("--augment")
    {
        Description = "Training images are shifted by up to 4 pixels and mirrored at random",
    };

    private static readonly Option<bool> _final = new("--final")
    {
        Description = "Opens the test classes, once for the settings at hand; without it the validation classes are measured",
    };

    private static readonly Option<int> _seeds = Setting.AtLeastOne("--seeds", "Trainings of each setting, with seeds from --seed on", 1);

    private static readonly Selection _only = new("training");

    private sealed record Accuracy(double Mean, double Interval);

    private sealed record Result(Accuracy[] Accuracies, double Minutes);

    public static Command Command() => Setting.Command(
        "visual", "Omniglot or CIFAR-FS: new classes from a few images, beside references at the same budget and the published accuracies",
        Run, _omniglot, _cifarFs, _episodes, _steps, _only.Option, _filters, _maxPool, _ways, _queries, _rate, _augment, _final, _seeds);

    private static void Run(Setting setting, ParseResult parsed)
    {
        var (omniglot, cifarFs) = (parsed.GetValue(_omniglot), parsed.GetValue(_cifarFs));
        if ((omniglot is null) == (cifarFs is null))
        {
            throw new ArgumentException(
                "Give one of --omniglot FOLDER, a folder with images_background.zip and images_evaluation.zip of Omniglot "
                + "(github.com/brendenlake/omniglot), and --cifar-fs FOLDER, a folder with classes.csv and strips of images.");
        }

        if (omniglot is not null && parsed.GetValue(_augment))
        {
            throw new ArgumentException("--augment mirrors images, and mirrored characters are other characters: use it with --cifar-fs.");
        }

        var trainings = Trainings(setting, parsed, omniglot is null ? CifarFsImages.Image : OmniglotCharacters.Image);
        var tasks = omniglot is null ? VisualTasks.CifarFs(cifarFs!, setting.Quick) : VisualTasks.Omniglot(omniglot, setting.Quick);
        var episodes = setting.Quick ? 10 : parsed.GetValue(_episodes);
        var (isFinal, seeds) = (parsed.GetValue(_final), setting.Quick ? 2 : parsed.GetValue(_seeds));
        if (isFinal)
        {
            SealedTest.Open(
                setting, tasks.Name,
                [
                    .. trainings.Select(training => $"{training.Name}: {training.Describe()}"), $"{episodes} episodes",
                    $"seeds {setting.Seed} to {setting.Seed + seeds - 1}",
                ]);
        }

        Compare(setting, tasks, trainings, isFinal, seeds, episodes);
    }

    /// <summary>The trainings that were asked for.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    private static VisualSettings[] Trainings(Setting setting, ParseResult parsed, ImageShape image)
    {
        var all = VisualSettings.All(image, new VisualChanges
        {
            Filters = parsed.GetValue(_filters),
            MaxPooling = parsed.GetValue(_maxPool),
            Ways = parsed.GetValue(_ways),
            QueryRows = parsed.GetValue(_queries),
            MetaSteps = parsed.GetValue(_steps),
            MetaRate = parsed.GetValue(_rate),
            Augmentation = parsed.GetValue(_augment) ? new(image) { MaximumShift = MaximumShift, Mirror = true } : null,
        });
        var trainings = _only.Of(parsed, all, training => $"{training.Group}: {training.Name}");
        trainings = setting.Quick ? Array.ConvertAll(trainings, training => training.Quick()) : trainings;
        Array.ForEach(trainings, training => training.Options.Validate(isClassification: true));
        return trainings;
    }

    /// <summary>Measures all trainings and writes the table.</summary>
    private static void Compare(
        Setting setting, VisualTasks tasks, VisualSettings[] trainings, bool isFinal, int seeds, int episodes)
    {
        var (measured, tests) = (isFinal ? tasks.Test : tasks.Validation, setting.Quick ? tasks.Tests[..2] : tasks.Tests);
        var table = new Table(
            isFinal ? tasks.Name : $"{tasks.Name}, validation {tasks.Classes}",
            [
                $"accuracy on {(isFinal ? "unseen" : "validation")} {tasks.Classes}, %",
                .. tests.Select(t => $"{t.Ways}-way {t.Shots}-shot"),
                "minutes of meta-training",
            ]);
        foreach (var training in trainings)
        {
            Result[] results = [.. Enumerable.Range(setting.Seed, seeds).Select(seed =>
            {
                var ofSeed = setting with { Seed = seed };
                return new Journal(ofSeed).Do(
                    $"{tasks.Name} {training.Name} {episodes} {(isFinal ? "test" : "validation")} episodes {training.Describe()}",
                    () => Measure(ofSeed, training, tasks, measured, tests, episodes));
            })];
            table.Add(
                [
                    training.Name, .. tests.Select((_, i) => Cell([.. results.Select(result => result.Accuracies[i])])),
                    Math.Round(results.Average(result => result.Minutes), 1),
                ]);
            table.Note(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{training.Name}: {training.Describe()}; {training.PassesPerStep:N0} image passes a meta-step, ")
                + string.Create(CultureInfo.InvariantCulture, $"{training.Budget / 1e6:F2} million in all."));
        }

        foreach (var (method, accuracies) in isFinal ? tasks.Published : [])
        {
            table.Add([$"published: {method}", .. tests.Select((_, i) => accuracies.ElementAtOrDefault(i) ?? ""), ""]);
        }

        foreach (var note in trainings.Select(training => training.GroupNote).OfType<string>().Distinct())
        {
            table.Note(note);
        }

        table.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{tasks.Training.Description} for meta-training, {measured.Description} are measured; {episodes} episodes for each "
                + $"column, {TestQueries} queries of each class; ± is the 95 % interval over episodes, one training for all columns"
                + $"{(seeds > 1 ? $", and in brackets over {seeds} trainings of other seeds" : "")}."));
        if (isFinal)
        {
            table.Note(tasks.PublishedNote);
        }

        table.Write(setting, $"visual-{tasks.Name}{(isFinal ? "" : "-validation")}");
    }

    /// <summary>Meta-trains, or goes on where an interrupted run of the same settings stopped, and tests.</summary>
    private static Result Measure(
        Setting setting, VisualSettings training, VisualTasks tasks, VisualSet measured, (int Ways, int Shots)[] tests, int episodes)
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
                Checkpoint = new(setting.FileIn($"{Journal.FileName($"{tasks.Name} {training.Name} {setting.Seed}")}.checkpoint")),
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
            learner = Trainer(catalog, options).Fit(Keyed(ml, tasks.Training.Load(ml))).Learner;
        });
        using var owned = learner!;
        var unseen = Keyed(ml, measured.Load(ml));
        var accuracies = tests.Select(test => catalog.Evaluate(owned, unseen, new FewShotEvaluationOptions
        {
            Tasks = new Episodes { Ways = test.Ways, Shots = test.Shots, QueryRows = TestQueries }, NumberOfEpisodes = episodes, Seed = 7,
        })).Select(m => new Accuracy(m.Mean, m.ConfidenceInterval95));
        return new Result([.. accuracies], elapsed.TotalMinutes);
    }

    private static IEstimator<LearnerTransformer> Trainer(MetaClassificationCatalog catalog, MetaTrainingOptions options) => options switch
    {
        ComplexSynapseTrainer.Options synapse => catalog.ComplexSynapse(synapse),
        DualSystemTrainer.Options dual => catalog.DualSystem(dual),
        CustomLearnerTrainer.Options custom => catalog.Custom(custom),
        PrototypicalNetworkTrainer.Options prototypes => catalog.PrototypicalNetwork(prototypes),
        _ => throw new NotSupportedException($"There is no trainer for {options.GetType()}."),
    };

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
