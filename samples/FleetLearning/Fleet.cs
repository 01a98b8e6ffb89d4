using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace MLNetMeta.Samples;

/// <summary>A server and its apps, each in its own process. A process may be killed and started again.</summary>
internal sealed class Fleet : IDisposable
{
    private readonly FleetOptions _options;
    private readonly string _folder;
    private readonly Func<Process>[] _start;
    private readonly Process[] _processes;
    private readonly HttpClient _http;

    /// <param name="options">The command line.</param>
    /// <param name="learner">File of the first learner.</param>
    /// <param name="rows">Files of the apps' rows.</param>
    /// <param name="folder">Folder of the processes' state.</param>
    public Fleet(FleetOptions options, string learner, IReadOnlyList<string> rows, string folder)
    {
        (_options, _folder) = (options, folder);
        var server = new Uri($"http://127.0.0.1:{FreePort()}");
        _http = new HttpClient { BaseAddress = server };
        // A round does not wait for a killed process: three quarters of the users are enough, and late contributions still count.
        var tasks = Math.Max(1, options.Apps * options.UsersPerRound * 3 / 4);
        _start =
        [
            () => Start(
                "FleetServer", "--urls", $"{server}", "--learner", learner, "--folder", Path.Combine(folder, "server"), "--tasks",
                Text(tasks), "--maximum-age", "2", "--learning-rate", Text(options.LearningRate)),
            .. rows.Select((file, app) => (Func<Process>)(() => Start(
                "FleetApp", "--server", $"{server}", "--rows", file, "--state", StateOf(app), "--rounds", Text(options.Rounds), "--users",
                Text(options.UsersPerRound)))),
        ];
        _processes = Array.ConvertAll(_start, start => start());
    }

    /// <summary>Waits until the server answers, and returns the current revision.</summary>
    /// <exception cref="SampleException">The server or an app has failed.</exception>
    public async Task<(int Revision, byte[] File)> Current()
    {
        if (Array.FindIndex(_processes, process => process.HasExited && process.ExitCode != 0) is >= 0 and var failed)
        {
            throw new SampleException($"{NameOf(failed)} has ended with exit code {_processes[failed].ExitCode}.");
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var answer = await _http.GetAsync("learner");
                answer.EnsureSuccessStatusCode();
                var revision = int.Parse(answer.Headers.ETag!.Tag.Trim('"'), CultureInfo.InvariantCulture);
                return (revision, await answer.Content.ReadAsByteArrayAsync());
            }
            catch (HttpRequestException) when (attempt < 600 && !_processes[0].HasExited)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Kills a random process (SIGKILL) and starts it again.</summary>
    /// <returns>The name of the killed process.</returns>
    public string Kill(Random random)
    {
        var victim = random.Next(_processes.Length);
        _processes[victim].Kill();
        _processes[victim].WaitForExit();
        _processes[victim].Dispose();
        _processes[victim] = _start[victim]();
        return NameOf(victim);
    }

    /// <summary>
    /// The number of tasks that the apps have seen acknowledged, and the number that the server has merged or will merge.
    /// </summary>
    public async Task<(long Acknowledged, long Kept)> Accounts()
    {
        foreach (var app in _processes[1..])
        {
            await app.WaitForExitAsync();
            if (app.ExitCode != 0)
            {
                throw new SampleException($"An app has ended with exit code {app.ExitCode}.");
            }
        }

        var acknowledged = Enumerable.Range(0, _options.Apps)
            .Select(app => Path.Combine(StateOf(app), "acknowledged.csv")).Where(File.Exists).SelectMany(File.ReadLines)
            .Sum(line => long.Parse(line.Split(',')[1], CultureInfo.InvariantCulture));
        var status = await _http.GetFromJsonAsync<Status>("status");
        return (acknowledged, status!.MergedTasks + status.PendingTasks);
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.Dispose();
        }

        _http.Dispose();
    }

    private static string NameOf(int process) => process == 0 ? "the server" : $"app {process}";

    private string StateOf(int app) => Path.Combine(_folder, $"app-{app + 1}");

    private static Process Start(string program, params string[] arguments)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{program}.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [path, .. arguments]))
            ?? throw new SampleException($"'{path}' does not start.");
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private sealed record Status(long Revision, long PendingTasks, long MergedTasks);
}
