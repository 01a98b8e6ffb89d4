using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MLNetMeta.Testing;

/// <summary>A Redis or PostgreSQL server of this machine, started for a test on a free port with data of its own.</summary>
internal sealed class LocalServer : IDisposable
{
    private static readonly string? _postgresFolder = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
            .LastOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
        : null;

    private readonly TemporaryFolder _folder;
    private readonly Process _process;

    private LocalServer(TemporaryFolder folder, Process process, string connection) =>
        (_folder, _process, ConnectionString) = (folder, process, connection);

    /// <summary>Why Redis cannot be started; null where it can.</summary>
    public static string? WithoutRedis { get; } = FindOnPath("redis-server") is null ? "redis-server is not installed." : null;

    /// <summary>Why PostgreSQL cannot be started; null where it can.</summary>
    public static string? WithoutPostgreSql { get; } =
        !OperatingSystem.IsLinux() || _postgresFolder is null ? "PostgreSQL is not installed in /usr/lib/postgresql." : null;

    public string ConnectionString { get; }

    public static async Task<LocalServer> StartRedis()
    {
        var (folder, port) = (new TemporaryFolder(), FreePort());
        var process = Process.Start(new ProcessStartInfo(
            "redis-server", ["--port", Text(port), "--save", "", "--dir", folder.Path, "--bind", "127.0.0.1", "--loglevel", "warning"])
        {
            RedirectStandardOutput = true,
        })!;
        await Answers(port, process);
        return new LocalServer(folder, process, $"127.0.0.1:{port}");
    }

    /// <summary>A database <c>orleans</c>, after a script.</summary>
    public static async Task<LocalServer> StartPostgreSql(string script)
    {
        var (folder, port) = (new TemporaryFolder(), FreePort());
        var data = Path.Combine(folder.Path, "data");
        // PostgreSQL refuses to run as root.
        var isRoot = Environment.UserName == "root";
        if (isRoot)
        {
            await Run("chown", "postgres", folder.Path);
        }

        await Run(Command("initdb", "-D", data, "-A", "trust", "-U", "postgres"));
        var process = Start(Command(
            "postgres", "-D", data, "-p", Text(port), "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={folder.Path}"));
        await Answers(port, process);
        string[] address = ["-h", "127.0.0.1", "-p", Text(port), "-U", "postgres"];
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await Run(Command("createdb", [.. address, "orleans"]));
                break;
            }
            catch (InvalidOperationException) when (attempt < 50)
            {
                await Task.Delay(200); // It accepts connections before it is ready.
            }
        }

        await Run(Path.Combine(_postgresFolder!, "psql"), [.. address, "-q", "-v", "ON_ERROR_STOP=1", "-d", "orleans", "-f", script]);
        return new LocalServer(folder, process, $"Host=127.0.0.1;Port={port};Database=orleans;Username=postgres");

        string[] Command(string program, params string[] arguments) => isRoot
            ? ["runuser", "-u", "postgres", "--", Path.Combine(_postgresFolder!, program), .. arguments]
            : [Path.Combine(_postgresFolder!, program), .. arguments];
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private static string? FindOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task Answers(int port, Process process)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(100);
            }
        }

        throw new TimeoutException($"Nothing answers at port {port}.");
    }

    private static Process Start(string[] command) => Process.Start(new ProcessStartInfo(command[0], command[1..])
    {
        RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
    })!;

    private static Task Run(params string[] command) => Run(command[0], command[1..]);

    private static async Task Run(string program, string[] arguments)
    {
        using var process = Start([program, .. arguments]);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{await error}");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
