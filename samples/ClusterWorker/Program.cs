// A silo of a cluster on one machine, for a first try. Start one after the other, with ports of their own:
//
//   dotnet run -c Release --project samples/ClusterWorker -- --folder partitions
//   dotnet run -c Release --project samples/ClusterWorker -- --folder partitions --port 11112 --gateway 30001
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLNetMeta.Distributed;
using MLNetMeta.Samples;

if (WorkerOptions.Parse(args, out var exitCode) is not { } options)
{
    return exitCode;
}

try
{
    var partitions = new CsvPartitions(options.Folder, options.Task, options.Label, options.Classes);
    var builder = Host.CreateApplicationBuilder();
    builder.Logging.SetMinimumLevel(LogLevel.Error);
    builder.UseOrleans(silo => silo
        // Elsewhere: UseRedisClustering or UseAdoNetClustering, and ports that are configured.
        .UseLocalhostClustering(
            options.Port, options.Gateway, options.Port == options.Primary ? null : new IPEndPoint(IPAddress.Loopback, options.Primary))
        .AddMetaLearning(partitions, new MetaLearningSiloOptions { Threads = options.Threads }));
    Console.WriteLine($"{partitions}; ports {options.Port} and {options.Gateway}");
    await builder.Build().RunAsync();
    return 0;
}
catch (Exception failure) when (failure is ArgumentException or IOException or InvalidOperationException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
