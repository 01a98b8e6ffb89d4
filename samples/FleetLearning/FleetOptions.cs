using System.CommandLine;

namespace MLNetMeta.Samples;

/// <summary>The command line.</summary>
/// <param name="Data">WISDM as CSV; null for generated users.</param>
/// <param name="Steps">Maximum number of meta-steps of the first meta-training.</param>
/// <param name="Apps">Number of apps; each is a process that contributes.</param>
/// <param name="Rounds">Number of revisions.</param>
/// <param name="UsersPerRound">Number of users that each app contributes in a round.</param>
/// <param name="Kills">Number of processes that are killed during the run.</param>
/// <param name="LearningRate">Meta-learning rate of the improver.</param>
/// <param name="Output">Folder for the sample's output.</param>
/// <param name="Seed">Seed of the users and their roles.</param>
internal sealed record FleetOptions(
    string? Data, int Steps, int Apps, int Rounds, int UsersPerRound, int Kills, double LearningRate, string Output, int Seed)
{
    /// <summary>Returns null if the command line asked for help or was wrong; <paramref name="exitCode"/> says which.</summary>
    public static FleetOptions? Parse(string[] args, out int exitCode)
    {
        var data = new Option<string?>("--data") { Description = "WISDM 1.1 (transformed) as CSV, gzipped or not; invented users without" };
        var steps = NumberOption.AtLeast(
            1, new Option<int>("--steps") { Description = "Most meta-steps of the first meta-training", DefaultValueFactory = _ => 2000 });
        var apps = NumberOption.AtLeast(
            1, new Option<int>("--apps") { Description = "Processes that contribute", DefaultValueFactory = _ => 4 });
        var rounds = NumberOption.AtLeast(1, new Option<int>("--rounds") { Description = "Revisions", DefaultValueFactory = _ => 60 });
        var users = NumberOption.AtLeast(
            1, new Option<int>("--users") { Description = "Users that each app contributes in a round", DefaultValueFactory = _ => 4 });
        var kills = NumberOption.AtLeast(
            0, new Option<int>("--kills") { Description = "How often a process is killed on the way, and started again" });
        var rate = new Option<double>("--learning-rate") { Description = "Meta-learning rate", DefaultValueFactory = _ => 0.003 };
        var output = new Option<string>("--output")
        {
            Description = "Folder of plot, table and learners", DefaultValueFactory = _ => "output",
        };
        var seed = new Option<int>("--seed") { Description = "Seed of users and their roles", DefaultValueFactory = _ => 1 };

        FleetOptions? options = null;
        var command = new RootCommand("A server and a fleet of apps that improve a learner together, without sending rows.")
        {
            data,
            steps,
            apps,
            rounds,
            users,
            kills,
            rate,
            output,
            seed,
        };
        command.SetAction(result => options = new FleetOptions(
            result.GetValue(data), result.GetValue(steps), result.GetValue(apps), result.GetValue(rounds), result.GetValue(users),
            result.GetValue(kills), result.GetValue(rate), result.GetValue(output)!, result.GetValue(seed)));
        exitCode = command.Parse(args).Invoke();
        return options;
    }
}
