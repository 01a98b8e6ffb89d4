// Figures of the cluster. Every command writes its tasks to a folder, and prints rows for docs/results:
//
//   dotnet run -c Release --project benchmarks/Cluster -- speed
//   dotnet run -c Release --project benchmarks/Cluster -- failures          (needs redis-server)
//   dotnet run -c Release --project benchmarks/Cluster -- million
//   dotnet run -c Release --project benchmarks/Cluster -- simulate
using System.CommandLine;
using MLNetMeta.Benchmarks;
using MLNetMeta.Samples;

var folder = new Option<string>("--folder") { Description = "Where the tasks are written", DefaultValueFactory = _ => "output/partitions" };
var root = new RootCommand("Figures of meta-training on a cluster of this machine.");
var (rounds, steps) = (Number("--rounds", 1, 3, "Rounds"), Number("--steps", 20, 200, "Meta-steps of each training"));
var counts = new Option<int[]>("--silos")
{
    Description = "Numbers of silos", DefaultValueFactory = _ => [1, 2], AllowMultipleArgumentsPerToken = true,
};
Add("speed", "One process against one and more silos", [folder, rounds, steps, counts], of =>
    Speed.Run(of.GetValue(folder)!, of.GetValue(rounds), of.GetValue(steps), of.GetValue(counts)!));
var (siloKills, driverKills) = (Number("--silo-kills", 0, 30, "Runs with a silo killed"), Number("--driver-kills", 0, 10, "… the driver"));
Add("failures", "Silos and drivers that are killed", [folder, siloKills, driverKills], of =>
    Failures.Run(of.GetValue(folder)!, of.GetValue(siloKills), of.GetValue(driverKills)));
var (connection, state) = (new Option<string>("--connection") { Required = true }, new Option<string>("--state") { Required = true });
var cluster = new Option<string>("--cluster") { Required = true };
Add("drive", "A driver that may be killed; started by failures", [connection, cluster, state], of =>
    Failures.Drive(of.GetValue(connection)!, of.GetValue(cluster)!, of.GetValue(state)!));
var (tasks, memory) = (Number("--tasks", 256, 1_000_000, "Tasks"), Number("--memory", 1, 500, "MB of rows that each silo may hold"));
var silos = Number("--silos", 1, 2, "Silos");
Add("million", "Very many tasks", [folder, tasks, silos, memory], of =>
    Million.Run(of.GetValue(folder)!, of.GetValue(tasks), of.GetValue(silos), of.GetValue(memory)));
var plot = new Option<string>("--plot") { Description = "Where the plot goes", DefaultValueFactory = _ => "output/cluster.svg" };
Add("simulate", "1 to 1,000 silos, from costs measured here", [plot], of => Simulation.Run(of.GetValue(plot)!));
return await root.Parse(args).InvokeAsync();

void Add(string name, string description, Option[] options, Func<ParseResult, Task> act)
{
    var command = new Command(name, description);
    Array.ForEach(options, command.Options.Add);
    command.SetAction(async (result, _) =>
    {
        try
        {
            await act(result);
            return 0;
        }
        catch (Exception failure) when (failure is SampleException or InvalidOperationException or IOException)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    });
    root.Subcommands.Add(command);
}

static Option<int> Number(string name, int least, int byDefault, string description) =>
    NumberOption.AtLeast(least, new Option<int>(name) { Description = description, DefaultValueFactory = _ => byDefault });
