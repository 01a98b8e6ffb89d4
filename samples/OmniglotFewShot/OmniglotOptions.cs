using System.CommandLine;
using MLNetMeta.Trainers;

namespace MLNetMeta.Samples;

/// <summary>The command line.</summary>
internal sealed record OmniglotOptions
{
    /// <summary>Zip archives or folders of characters; empty to generate characters.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    public required int TrainCharacters { get; init; }

    /// <summary>Side of the square images.</summary>
    public required int Size { get; init; }

    public required string Learner { get; init; }

    /// <summary><see cref="Settings.Of"/> with the values of the command line.</summary>
    public required InnerLoopOptions Training { get; init; }

    public required TimeSpan CheckpointInterval { get; init; }

    public required int Episodes { get; init; }

    public required int Seed { get; init; }

    public required bool Resume { get; init; }

    public required string Output { get; init; }

    /// <summary>Returns null if the command line asked for help or was wrong; <paramref name="exitCode"/> says which.</summary>
    public static OmniglotOptions? Parse(string[] args, out int exitCode)
    {
        var data = new Argument<string[]>("data")
        {
            Description = "Omniglot's images_background.zip and images_evaluation.zip, folders unpacked from them, or a folder that "
                + "holds both; without it the sample invents characters", Arity = ArgumentArity.ZeroOrMore,
        };
        var trainCharacters = NumberOption.AtLeast(
            1,
            new Option<int>("--train-characters")
            {
                Description = "Characters of the data to meta-train on; the others test",
                DefaultValueFactory = _ => Settings.OmniglotTrainCharacters,
            });
        var learner = new Option<string>("--learner")
        {
            Description = "What learns a task: the readout (head), all weights (synapse), or the readout with gains and shifts (dual)",
            DefaultValueFactory = _ => Settings.Learners[0],
        };
        var size = NumberOption.AtLeast(
            4, new Option<int>("--size") { Description = "Side of the images in pixels", DefaultValueFactory = _ => Settings.Size });
        var filters = NumberOption.OfNumbers(
            new Option<string>("--filters") { Description = "Filters of each block of the network, with commas between them" });
        var ways = NumberOption.AtLeast(
            2, new Option<int>("--ways") { Description = "Characters of a meta-training task; the test tries 3 to 20" });
        var shots = NumberOption.AtLeast(
            1, new Option<int>("--shots") { Description = "Labelled drawings of each character in meta-training; the test tries 1 and 5" });
        var steps = NumberOption.AtLeast(1, new Option<int>("--steps") { Description = "Meta-steps" });
        var tasks = NumberOption.AtLeast(1, new Option<int>("--tasks") { Description = "Tasks of a meta-step" });
        var episodes = NumberOption.AtLeast(
            2,
            new Option<int>("--episodes")
            {
                Description = "Tasks of new characters that every method is measured on", DefaultValueFactory = _ => 600,
            });
        var threads = NumberOption.AtLeast(
            1,
            new Option<int>("--threads") { Description = "Worker threads; the result does not depend on it (default: one a processor)" });
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of everything random, the choice of characters included", DefaultValueFactory = _ => 1,
        };
        var minutes = new Option<double>("--checkpoint-minutes")
        {
            Description = "Time between two checkpoints", DefaultValueFactory = _ => 2,
        };
        var resume = new Option<bool>("--resume")
        {
            Description = "Go on with the meta-training that was interrupted in the output folder, where there is one",
        };
        var output = new Option<string>("--output")
        {
            Description = "Folder for the learner, the adapted model, the picture, the tables and the checkpoint",
            DefaultValueFactory = _ => "output",
        };
        learner.AcceptOnlyFromAmong(Settings.Learners);
        minutes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 1e-6 and <= 1440))
            {
                result.AddError($"{minutes.Name} must be from 1e-6 to 1440.");
            }
        });

        OmniglotOptions? options = null;
        var command = new RootCommand(
            "Few-shot recognition of handwritten characters: meta-trains on some, learns others from one drawing of each.")
        {
            data, trainCharacters, learner, size, filters, ways, shots, steps, tasks, episodes, threads, seed, minutes, resume, output,
        };
        command.SetAction(result =>
        {
            string[] paths = result.GetValue(data) ?? [];
            var training = Settings.Of(result.GetRequiredValue(learner), result.GetValue(size), invented: paths.Length == 0);
            var tasksOfTraining = (Episodes)training.Tasks;
            options = new OmniglotOptions
            {
                Data = paths,
                TrainCharacters = result.GetValue(trainCharacters),
                Size = result.GetValue(size),
                Learner = result.GetRequiredValue(learner),
                Training = training with
                {
                    Network = result.GetValue(filters) is { } list
                        ? (ConvolutionalNetwork)training.Network with { Filters = NumberOption.List(list)! }
                        : training.Network,
                    Tasks = tasksOfTraining with
                    {
                        Ways = Given(ways) ?? tasksOfTraining.Ways, Shots = Given(shots) ?? tasksOfTraining.Shots,
                    },
                    Training = training.Training with
                    {
                        Steps = Given(steps) ?? training.Training.Steps,
                        TasksPerStep = Given(tasks) ?? training.Training.TasksPerStep,
                        // Validate a short training more than once, too.
                        ValidationInterval = Math.Clamp(
                            (Given(steps) ?? training.Training.Steps) / 20, 10, training.Training.ValidationInterval),
                        Seed = result.GetValue(seed),
                    },
                    Compute = Compute.Torch(threads: Given(threads), tasksPerShard: 1),
                },
                CheckpointInterval = TimeSpan.FromMinutes(result.GetValue(minutes)),
                Episodes = result.GetValue(episodes),
                Seed = result.GetValue(seed),
                Resume = result.GetValue(resume),
                Output = result.GetRequiredValue(output),
            };

            int? Given(Option<int> option) => result.GetResult(option) is null ? null : result.GetValue(option);
        });
        exitCode = command.Parse(args).Invoke();
        return options;
    }
}
