using System.CommandLine;

namespace MLNetMeta.Samples;

/// <summary>The command line.</summary>
internal sealed record TabularOptions
{
    public required FileInfo Data { get; init; }

    public required string Label { get; init; }

    public required IReadOnlyList<string> Ignore { get; init; }

    public required int Ways { get; init; }

    public required IReadOnlyList<int> Shots { get; init; }

    /// <summary>Number of classes for meta-training; null for three fifths of the classes.</summary>
    public required int? TrainClasses { get; init; }

    public required int Episodes { get; init; }

    public required int TuningEpisodes { get; init; }

    public required int Steps { get; init; }

    public required string Learner { get; init; }

    /// <summary>Time budget of Auto, in minutes.</summary>
    public required double AutoMinutes { get; init; }

    /// <summary>Whether FastTree is measured too.</summary>
    public required bool FastTree { get; init; }

    public required int Seed { get; init; }

    public required string? Checkpoint { get; init; }

    public required DirectoryInfo Output { get; init; }

    /// <summary>Returns null if the command line asked for help or was wrong; <paramref name="exitCode"/> says which.</summary>
    public static TabularOptions? Parse(string[] args, out int exitCode)
    {
        var data = new Option<FileInfo>("--data")
        {
            Description = "CSV file in UTF-8 with one row an example; the first line names the columns", Required = true,
        };
        var label = new Option<string>("--label") { Description = "Name of the column that holds the class", Required = true };
        var ignore = new Option<string[]>("--ignore")
        {
            Description = "Columns to leave out; all others must be numbers", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var ways = NumberOption.AtLeast(2, new Option<int>("--ways") { Description = "Classes of a task", DefaultValueFactory = _ => 5 });
        var shots = NumberOption.OfNumbers(
            new Option<string>("--shots")
            {
                Description = "Labelled rows of each class, one learner for each number", DefaultValueFactory = _ => "1,5",
            });
        var trainClasses = new Option<int?>("--train-classes")
        {
            Description = "Classes to meta-train on; the others test (default: three fifths)",
        };
        var episodes = NumberOption.AtLeast(
            2, new Option<int>("--episodes") { Description = "Test tasks", DefaultValueFactory = _ => 600 });
        var tuning = NumberOption.AtLeast(
            1,
            new Option<int>("--tuning-episodes")
            {
                Description = "Tasks of the training classes that choose each baseline's settings", DefaultValueFactory = _ => 50,
            });
        var steps = NumberOption.AtLeast(
            1,
            new Option<int>("--steps")
            {
                Description = "Meta-steps of each learner; more of them fit the training classes better and new ones worse where "
                    + "classes are few", DefaultValueFactory = _ => 300,
            });
        var learner = new Option<string>("--learner")
        {
            Description = "Which learner to train; auto searches for one that serves all numbers of shots", DefaultValueFactory = _ =>
                "both",
        };
        var minutes = new Option<double>("--auto-minutes") { Description = "Budget of --learner auto", DefaultValueFactory = _ => 5 };
        var fastTree = new Option<bool>("--fast-tree")
        {
            Description = "Measure ML.NET's FastTree too: an ensemble for each class of each task takes minutes",
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of everything random, the choice of classes included", DefaultValueFactory = _ => 1,
        };
        var checkpoint = new Option<string?>("--checkpoint")
        {
            Description = "Start of the names of checkpoint files; run again to resume",
        };
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "Folder for the learners and results.csv", DefaultValueFactory = _ => new DirectoryInfo("output"),
        };
        data.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<FileInfo>() is { Exists: false } missing)
            {
                result.AddError($"There is no file '{missing.FullName}'.");
            }
        });
        learner.AcceptOnlyFromAmong("synapse", "dual", "both", "auto");
        minutes.Validators.Add(result =>
        {
            if (!(result.GetValueOrDefault<double>() > 0))
            {
                result.AddError("--auto-minutes must be above 0.");
            }
        });

        TabularOptions? options = null;
        var command = new RootCommand(
            "Few-shot learning on any CSV: meta-trains on some of its classes and learns the others from a few rows of each.")
        {
            data, label, ignore, ways, shots, trainClasses, episodes, tuning, steps, learner, minutes, fastTree, seed, checkpoint, output,
        };
        command.SetAction(result => options = new TabularOptions
        {
            Data = result.GetRequiredValue(data),
            Label = result.GetRequiredValue(label),
            Ignore =
            [
                .. result.GetRequiredValue(ignore).SelectMany(
                    names => names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
            ],
            Ways = result.GetValue(ways),
            Shots = NumberOption.List(result.GetValue(shots))!,
            TrainClasses = result.GetValue(trainClasses),
            Episodes = result.GetValue(episodes),
            TuningEpisodes = result.GetValue(tuning),
            Steps = result.GetValue(steps),
            Learner = result.GetRequiredValue(learner),
            AutoMinutes = result.GetValue(minutes),
            FastTree = result.GetValue(fastTree),
            Seed = result.GetValue(seed),
            Checkpoint = result.GetValue(checkpoint),
            Output = result.GetRequiredValue(output),
        });
        exitCode = command.Parse(args).Invoke();
        return options;
    }
}
