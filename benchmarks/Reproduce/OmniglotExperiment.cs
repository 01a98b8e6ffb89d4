using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using Spectre.Console;

namespace MLNetMeta.Reproduce;

/// <summary>Section 5.3 of the paper on Omniglot: N new characters from K drawings of each, both learners, beside the published accuracies.</summary>
/// <remarks>
/// The usual protocol: 1,200 characters, each also turned by 90, 180 and 270 degrees, to meta-train; the other 423 to test; 28 × 28. Differs from the paper:
/// normalisation of each image alone instead of batch normalisation, so predictions do not depend on the other queries; strided convolutions instead of pooling;
/// training on tasks of 20 characters whatever the test.
/// </remarks>
internal static class OmniglotExperiment
{
    private static readonly Option<string?> _data = new("--data") { Description = "Folder with images_background.zip and images_evaluation.zip, or the folders unpacked from them" };

    private static readonly Option<int> _ways = Setting.AtLeastOne("--ways", "Characters of a task", 5);

    private static readonly Option<int> _shots = Setting.AtLeastOne("--shots", "Drawings of each character to learn from", 1);

    private static readonly Option<double?> _minutes = new("--minutes") { Description = "About how long to meta-train each learner; without, the number of meta-steps of the settings" };

    private static readonly Option<bool> _resume = new("--resume") { Description = "Go on with an interrupted training; without, it starts anew" };

    private static readonly Option<int> _episodes = Setting.AtLeastOne("--episodes", "Test episodes", 600);

    /// <summary>Published accuracies in percent; null where there is none. Most of them normalise over the whole batch of queries (transductive).</summary>
    private static readonly (string Method, Dictionary<(int Ways, int Shots), string> Accuracies)[] _published =
    [
        ("MAML (Finn et al., 2017)", new() { [(5, 1)] = "98.7", [(5, 5)] = "99.9", [(20, 1)] = "95.8", [(20, 5)] = "98.9" }),
        ("first-order MAML (Nichol et al., 2018)", new() { [(5, 1)] = "98.3", [(5, 5)] = "99.2", [(20, 1)] = "89.4", [(20, 5)] = "97.9" }),
        ("Reptile (Nichol et al., 2018)", new() { [(5, 1)] = "97.7", [(5, 5)] = "99.5", [(20, 1)] = "89.4", [(20, 5)] = "97.1" }),
        ("iMAML (Rajeswaran et al., 2019), about", new() { [(5, 1)] = "99.5", [(5, 5)] = "99.7", [(20, 1)] = "96.2", [(20, 5)] = "99.1" }),
        ("contrastive, synaptic (Zucchet et al., 2022), about", new() { [(20, 1)] = "94.2" }),
        ("contrastive, modulatory (Zucchet et al., 2022), about", new() { [(20, 1)] = "94.2" }),
    ];

    private static readonly string[] _sets = ["images_background", "images_evaluation"];

    private sealed record Result(double Accuracy, double Interval, int Episodes, int MetaSteps, double Minutes);

    public static Command Command() => Setting.Command(
        "omniglot", "Omniglot: new characters from a few drawings, both learners, beside the published accuracies", Run, _data, _ways, _shots, _minutes, _resume, _episodes);

    private static void Run(Setting setting, ParseResult parsed)
    {
        var data = parsed.GetValue(_data) ?? throw new ArgumentException("Give --data FOLDER, which holds images_background.zip and images_evaluation.zip of Omniglot (github.com/brendenlake/omniglot).");
        var settings = new OmniglotSettings(parsed.GetValue(_ways), parsed.GetValue(_shots), setting.Quick);
        if (settings.Ways < 2 || settings.Shots > 15)
        {
            throw new ArgumentException($"--ways {settings.Ways} --shots {settings.Shots}: at least 2 ways, and at most 15 shots, since a character has 20 drawings and some have to be tested on.");
        }

        if (parsed.GetValue(_minutes) is { } limit && !(limit > 0))
        {
            throw new ArgumentException($"--minutes {limit}: it must be above 0.");
        }

        var name = FormattableString.Invariant($"omniglot-{settings.Ways}way-{settings.Shots}shot");
        var characters = new OmniglotCharacters(Paths(data), setting.Quick);
        var (minutes, journal) = (parsed.GetValue(_minutes), new Journal(setting));
        var episodes = setting.Quick ? 10 : parsed.GetValue(_episodes);
        var table = new Table(
            FormattableString.Invariant($"Omniglot, {settings.Ways}-way {settings.Shots}-shot"), "method", "accuracy on unseen characters, %", "episodes", "meta-steps", "minutes of meta-training");
        foreach (var dual in new[] { false, true })
        {
            var learner = dual ? "dual system" : "complex synapse";
            var options = dual ? (MetaTrainingOptions)settings.Dual : settings.Synapse;
            var key = $"{learner} {settings.Ways} way {OmniglotSettings.Describe(options)}";
            var steps = minutes is { } m
                ? journal.Do($"steps in {m} minutes, {setting.Threads} threads {key}", () => StepsIn(m, setting, settings, dual, characters))
                : options.MetaSteps;
            var result = journal.Do($"{steps} steps {episodes} episodes {key}", () =>
                Measure(setting, settings with { MetaSteps = steps }, dual, characters, episodes, setting.FileIn($"{name}-{(dual ? "dual" : "synapse")}"), parsed.GetValue(_resume)));
            table.Add($"contrastive rule, {learner}", FormattableString.Invariant($"{100 * result.Accuracy:F2} ± {100 * result.Interval:F2}"), result.Episodes, result.MetaSteps, Math.Round(result.Minutes, 1));
            table.Note($"{learner}: {OmniglotSettings.Describe(options)}.");
        }

        foreach (var (method, accuracies) in _published)
        {
            if (accuracies.TryGetValue((settings.Ways, settings.Shots), out var accuracy))
            {
                table.Add($"published: {method}", accuracy, "", "", "");
            }
        }

        table.Note(FormattableString.Invariant($"{characters.Training.Count} characters, each in four rotations, to meta-train, {characters.Test.Count} others to test; 15 queries of each character; ± is the 95 % interval over episodes, one training."));
        table.Note("Published networks normalise over the batch of queries, ours each image alone. \"About\": not checked against the publication.");
        table.Write(setting, name);
    }

    /// <summary>The two archives or folders of Omniglot in a folder.</summary>
    /// <exception cref="FormatException">One is missing.</exception>
    public static string[] Paths(string data) => [.. _sets.Select(set =>
        new[] { set + ".zip", set }.Select(n => Path.Combine(data, n)).FirstOrDefault(p => File.Exists(p) || Directory.Exists(p))
        ?? throw new FormatException($"'{data}' has neither {set}.zip nor a folder {set}."))];

    /// <summary>How many meta-steps fit into the time, as measured on a few steps over a few characters.</summary>
    private static int StepsIn(double minutes, Setting setting, OmniglotSettings settings, bool dual, OmniglotCharacters characters)
    {
        const int pilot = 4;
        var history = new MetaTrainingHistory();
        var few = characters.Training.Take((2 * settings.TrainingWays) + 10).ToHashSet();
        Fit(new MLContext(setting.Seed), setting, settings with { MetaSteps = pilot }, dual, (ml, rotations) => characters.Load(ml, few.Contains, rotations), null, 1, history).Dispose();
        var each = (history.Reports[^1].Elapsed - history.Reports[1].Elapsed).TotalMinutes / (pilot - 1);
        return Math.Max(1, (int)(minutes / each));
    }

    private static Result Measure(Setting setting, OmniglotSettings settings, bool dual, OmniglotCharacters characters, int episodes, string file, bool resume)
    {
        var steps = settings.MetaSteps!.Value;
        var checkpoint = file + ".checkpoint";
        if (!resume)
        {
            File.Delete(checkpoint);
        }

        var ml = new MLContext(setting.Seed);
        Learner? learner = null;
        var elapsed = TimeSpan.Zero;
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(shown =>
        {
            var title = $"{(dual ? "dual system" : "complex synapse")}, {steps} meta-steps";
            var bar = shown.AddTask(title, maxValue: steps);
            var progress = new Reports(r =>
            {
                (bar.Value, elapsed) = (r.Step, r.Elapsed);
                bar.Description = string.Create(CultureInfo.InvariantCulture, $"{title}, validation loss {r.ValidationLoss:G3}");
            });
            learner = Fit(ml, setting, settings, dual, (c, rotations) => characters.Load(c, characters.Training.Contains, rotations), checkpoint, Math.Max(1, steps / 20), progress);
        });
        using var owned = learner!;
        owned.Save(file + ".onnx");
        var unseen = Keyed(ml, characters.Load(ml, characters.Test.Contains, rotations: false));
        var metrics = ml.MetaLearning().Classification.Evaluate(owned, unseen, new FewShotEvaluationOptions
        {
            Ways = settings.Ways, Shots = settings.Shots, QueryRows = 15, Episodes = episodes, Seed = 7,
        });
        return new Result(metrics.Mean, metrics.ConfidenceInterval95, metrics.Episodes.Count, steps, elapsed.TotalMinutes);
    }

    private static Learner Fit(
        MLContext ml, Setting setting, OmniglotSettings settings, bool dual, Func<MLContext, bool, IDataView> load, string? checkpoint, int interval,
        IProgress<MetaTrainingProgress> progress)
    {
        var data = Keyed(ml, load(ml, true));
        MetaTrainingOptions Run(MetaTrainingOptions options) => options with
        {
            Seed = setting.Seed, NumberOfThreads = setting.Threads, CheckpointPath = checkpoint, ValidationInterval = interval, Progress = progress,
        };
        var catalog = ml.MetaLearning().Classification;
        return dual
            ? catalog.DualSystem((DualSystemTrainer.Options)Run(settings.Dual)).Fit(data).Learner
            : catalog.ComplexSynapse((ComplexSynapseTrainer.Options)Run(settings.Synapse)).Fit(data).Learner;
    }

    private static IDataView Keyed(MLContext ml, IDataView rows) => ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
}
