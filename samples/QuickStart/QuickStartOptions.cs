using System.CommandLine;

namespace MLNetMeta.Samples;

/// <summary>The command line.</summary>
/// <param name="Steps">Meta-steps of each learner.</param>
/// <param name="Episodes">Number of new tasks on which every method is measured.</param>
/// <param name="Output">Folder for the sample's output.</param>
/// <param name="Seed">Seed of all random choices.</param>
internal sealed record QuickStartOptions(int Steps, int Episodes, string Output, int Seed)
{
    /// <summary>Returns null if the command line asked for help or was wrong; <paramref name="exitCode"/> says which.</summary>
    public static QuickStartOptions? Parse(string[] args, out int exitCode)
    {
        var steps = NumberOption.AtLeast(
            1,
            new Option<int>("--steps")
            {
                Description = "Meta-steps of each learner for machines; a quarter of them for gestures", DefaultValueFactory = _ => 600,
            });
        var episodes = NumberOption.AtLeast(
            2,
            new Option<int>("--episodes") { Description = "New tasks that every method is measured on", DefaultValueFactory = _ => 100 });
        var output = new Option<string>("--output")
        {
            Description = "Folder for plots, models and learners", DefaultValueFactory = _ => "output",
        };
        var seed = new Option<int>("--seed") { Description = "Seed of everything random", DefaultValueFactory = _ => 1 };

        QuickStartOptions? options = null;
        var command = new RootCommand(
            "Learns to learn machines (regression) and gestures (classification) from 5 to 10 rows. Generates its data, "
            + "needs no arguments.")
        {
            steps,
            episodes,
            output,
            seed,
        };
        command.SetAction(
            result => options = new QuickStartOptions(
                result.GetValue(steps), result.GetValue(episodes), result.GetValue(output)!, result.GetValue(seed)));
        exitCode = command.Parse(args).Invoke();
        return options;
    }
}
