using System.CommandLine;

namespace MLNetMeta.Samples;

/// <summary>The command line.</summary>
/// <param name="Silos">Number of silos to start, each in its own process; 0 to use a running cluster.</param>
/// <param name="Partitions">Number of files that the tasks are distributed over.</param>
/// <param name="Tasks">Number of generated tasks.</param>
/// <param name="Steps">Meta-steps.</param>
/// <param name="TasksPerStep">Number of tasks per meta-step.</param>
/// <param name="Kills">Number of times a silo is killed and started again during training.</param>
/// <param name="Output">Folder for the partitions and the learner.</param>
/// <param name="Cluster">How silos and this program find each other.</param>
internal sealed record ClusterTrainingOptions(
    int Silos, int Partitions, int Tasks, int Steps, int TasksPerStep, int Kills, string Output, ClusterSettings Cluster)
{
    private const int GatewayOffset = 18_889; // Orleans' own ports: 11111 and 30000.

    /// <summary>Returns null if the command line asked for help or was wrong; <paramref name="exitCode"/> says which.</summary>
    public static ClusterTrainingOptions? Parse(string[] args, out int exitCode)
    {
        var silos = Number("--silos", 0, 2, "Silos to start, each a process of one thread; 0 where a cluster runs already");
        var partitions = Number("--partitions", 1, 16, "Files that the tasks are spread over");
        var tasks = Number("--tasks", 4, 2000, "Tasks that are generated");
        var steps = Number("--steps", 1, 200, "Meta-steps");
        var perStep = Number("--tasks-per-step", 1, 64, "Tasks of a meta-step");
        var kills = Number("--kills", 0, 0, "Silos that are killed on the way, and started again");
        var output = new Option<string>("--output")
        {
            Description = "Folder of partitions and learner", DefaultValueFactory = _ => "output",
        };
        var clustering = new Option<ClusteringKind>("--clustering") { Description = "Where the list of the silos is kept" };
        var connection = new Option<string?>("--connection") { Description = "How Redis or PostgreSQL is reached" };
        var port = Number("--port", 1, 11111, "Port of the first silo; the others, and the ports of their gateways, follow");
        var certificate = new Option<string?>("--certificate") { Description = "PKCS #12 file: encrypts what travels" };
        ClusterTrainingOptions? options = null;
        var command = new RootCommand("Meta-trains on silos of this machine, and in this process, and compares time and bytes.")
        {
            silos,
            partitions,
            tasks,
            steps,
            perStep,
            kills,
            output,
            clustering,
            connection,
            certificate,
            port,
        };
        command.SetAction(result => options = new ClusterTrainingOptions(
            result.GetValue(silos), result.GetValue(partitions), result.GetValue(tasks), result.GetValue(steps), result.GetValue(perStep),
            result.GetValue(kills), result.GetValue(output)!,
            new ClusterSettings
            {
                Kind = result.GetValue(clustering),
                ConnectionString = result.GetValue(connection),
                Certificate = result.GetValue(certificate),
                Address = "127.0.0.1",
                ClusterId = $"mlnetmeta-{result.GetValue(port)}",
                SiloPort = result.GetValue(port),
                GatewayPort = result.GetValue(port) + GatewayOffset,
            }));
        exitCode = command.Parse(args).Invoke();
        return options;

        static Option<int> Number(string name, int least, int byDefault, string description) => NumberOption.AtLeast(
            least, new Option<int>(name) { Description = description, DefaultValueFactory = _ => byDefault });
    }
}
