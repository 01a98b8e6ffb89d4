using System.CommandLine;

namespace MLNetMeta.Samples;

/// <summary>The command line.</summary>
/// <param name="Server">Address of the server.</param>
/// <param name="Rows">CSV file with the rows of this app's users: user, label, features, with a header.</param>
/// <param name="State">Folder for the app's persistent state.</param>
/// <param name="Rounds">The revision at which the app ends.</param>
/// <param name="Users">Number of users per contribution.</param>
/// <param name="ClippingNorm">Maximum norm of a user's contribution; 0 for no limit.</param>
/// <param name="NoiseMultiplier">Noise in units of the clipping norm.</param>
internal sealed record FleetAppOptions(
    Uri Server, string Rows, string State, int Rounds, int Users, double ClippingNorm, double NoiseMultiplier)
{
    /// <summary>Returns null if the command line asked for help or was wrong; <paramref name="exitCode"/> says which.</summary>
    public static FleetAppOptions? Parse(string[] args, out int exitCode)
    {
        var server = new Option<Uri>("--server")
        {
            Description = "Address of the server",
            Required = true,
            CustomParser = result =>
            {
                if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address))
                {
                    return address;
                }

                result.AddError($"--server is '{result.Tokens[0].Value}'; it must be an address such as http://localhost:5000.");
                return null;
            },
        };
        var rows = new Option<string>("--rows") { Description = "CSV of this app's users: user, label, features", Required = true };
        var state = new Option<string>("--state") { Description = "Folder of what the app must not forget", Required = true };
        var rounds = NumberOption.AtLeast(
            1, new Option<int>("--rounds") { Description = "Revision to end at", DefaultValueFactory = _ => 100 });
        var users = NumberOption.AtLeast(
            1, new Option<int>("--users") { Description = "Users of a contribution", DefaultValueFactory = _ => 4 });
        var clipping = new Option<double>("--clipping") { Description = "Largest norm of what a user contributes; 0 for no limit" };
        var noise = new Option<double>("--noise") { Description = "Noise in units of --clipping" };

        FleetAppOptions? options = null;
        var command = new RootCommand("An app of a fleet: turns its users' rows into contributions, and sends no rows.")
        {
            server,
            rows,
            state,
            rounds,
            users,
            clipping,
            noise,
        };
        command.SetAction(result => options = new FleetAppOptions(
            result.GetValue(server)!, result.GetValue(rows)!, result.GetValue(state)!, result.GetValue(rounds), result.GetValue(users),
            result.GetValue(clipping), result.GetValue(noise)));
        exitCode = command.Parse(args).Invoke();
        return options;
    }
}
