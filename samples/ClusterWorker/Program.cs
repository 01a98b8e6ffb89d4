// A silo of a cluster. All settings come from configuration: appsettings.json, the environment (Cluster__Kind=Redis) or the command line.
// For a first try on one machine, start silos one after the other, each with its own ports:
//
//   dotnet run -c Release --project samples/ClusterWorker -- --Rows:Folder partitions
//   dotnet run -c Release --project samples/ClusterWorker -- --Rows:Folder partitions --Cluster:SiloPort 11112 --Cluster:GatewayPort 30001
//
// Its web server shows the cluster at /dashboard (Orleans' dashboard), and reports at /health that the silo is running.
using MLNetMeta.Distributed;
using MLNetMeta.Samples;
using Orleans.Dashboard;

try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    var cluster = builder.Configuration.GetSection("Cluster").Get<ClusterSettings>() ?? new();
    var rows = builder.Configuration.GetSection("Rows").Get<RowSettings>() ?? new();
    var source = rows.ToSource();
    builder.UseOrleans(silo =>
    {
        cluster.Configure(silo);
        silo.AddMetaLearning(source, rows.ToOptions()).AddDashboard().AddActivityPropagation();
    });
    await using var app = builder.Build();
    app.MapOrleansDashboard("/dashboard");
    app.MapGet("/health", () => "up");
    await app.StartAsync();
    Console.WriteLine($"{source}; ports {cluster.SiloPort} and {cluster.GatewayPort}; {string.Join(", ", app.Urls)}/dashboard");
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception failure) when (failure is SampleException or ArgumentException or IOException or InvalidOperationException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
