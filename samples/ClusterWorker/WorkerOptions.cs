using System.CommandLine;

namespace MLNetMeta.Samples;

/// <summary>The command line.</summary>
/// <param name="Folder">Folder of the partitions, one CSV each.</param>
/// <param name="Task">The task column.</param>
/// <param name="Label">The label column.</param>
/// <param name="Classes">Whether labels are classes.</param>
/// <param name="Port">Port that silos talk to each other by.</param>
/// <param name="Gateway">Port that drivers connect to.</param>
/// <param name="Primary">Port of the first silo.</param>
/// <param name="Threads">Tasks at a time.</param>
internal sealed record WorkerOptions(
    string Folder, string Task, string Label, bool Classes, int Port, int Gateway, int Primary, int Threads)
{
    /// <summary>Null when the command line asked for help or was wrong; <paramref name="exitCode"/> says which.</summary>
    public static WorkerOptions? Parse(string[] args, out int exitCode)
    {
        var folder = new Option<string>("--folder") { Description = "Folder of the partitions, one CSV each", Required = true };
        var task = new Option<string>("--task") { Description = "The task column", DefaultValueFactory = _ => "Task" };
        var label = new Option<string>("--label") { Description = "The label column", DefaultValueFactory = _ => "Label" };
        var classes = new Option<bool>("--classes") { Description = "Labels are classes; else numbers" };
        var port = NumberOption.AtLeast(
            1, new Option<int>("--port") { Description = "Port that silos talk to each other by", DefaultValueFactory = _ => 11111 });
        var gateway = NumberOption.AtLeast(
            1, new Option<int>("--gateway") { Description = "Port that drivers connect to", DefaultValueFactory = _ => 30000 });
        var primary = NumberOption.AtLeast(
            1,
            new Option<int>("--primary") { Description = "--port of the silo that was started first", DefaultValueFactory = _ => 11111 });
        var threads = NumberOption.AtLeast(
            1, new Option<int>("--threads") { Description = "Tasks at a time", DefaultValueFactory = _ => Environment.ProcessorCount });

        WorkerOptions? options = null;
        var command = new RootCommand("A silo: holds partitions of tasks in memory, and computes for whoever meta-trains on them.")
        {
            folder,
            task,
            label,
            classes,
            port,
            gateway,
            primary,
            threads,
        };
        command.SetAction(result => options = new WorkerOptions(
            result.GetValue(folder)!, result.GetValue(task)!, result.GetValue(label)!, result.GetValue(classes), result.GetValue(port),
            result.GetValue(gateway), result.GetValue(primary), result.GetValue(threads)));
        exitCode = command.Parse(args).Invoke();
        return options;
    }
}
