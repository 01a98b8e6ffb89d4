// A decision service: it chooses among offers for many shops, learns each shop from the rewards of its choices, and keeps its state across
// restarts.
//
//   dotnet run -c Release --project samples/ContextualBanditTraining -- --output learner.onnx      (once, offline)
//   dotnet run -c Release --project samples/ContextualBandit -- simulate --learner learner.onnx
//   dotnet run -c Release --project samples/ContextualBandit -- serve --learner learner.onnx       (JSON lines, see README.md)
using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.ML;
using MLNetMeta.Samples;
using MLNetMeta.Transforms;

var learnerFile = new Option<string>("--learner")
{
    Description = "The learner file that ContextualBanditTraining wrote", DefaultValueFactory = _ => "learner.onnx",
};
var state = new Option<string>("--state") { Description = "Folder that the shops are kept in", DefaultValueFactory = _ => "shops" };
var exploration = new Option<double>("--exploration")
{
    Description = "Share of decisions made at random, from 0 to 1", DefaultValueFactory = _ => 0.02,
};
var arms = new Option<string>("--arms")
{
    Description = "Names of the arms, in the order of the learner's outputs", DefaultValueFactory = _ => string.Join(',', Shop.Offers),
};
var shops = AtLeast(1, new Option<int>("--shops") { Description = "New shops", DefaultValueFactory = _ => 30 });
var visits = AtLeast(2, new Option<int>("--visits") { Description = "Visits of each", DefaultValueFactory = _ => 200 });

var openShops = AtLeast(
    1,
    new Option<int>("--open-shops")
    {
        Description = "Shops kept in memory; the others are read from their files when they are asked for", DefaultValueFactory = _ => 100,
    });

var serve = new Command(
    "serve",
    "Reads requests from standard input, a line of JSON each, and answers on standard output") { learnerFile, state, exploration, arms,
    openShops };
serve.SetAction(parsed => With(parsed, learner =>
{
    // After Ctrl+C or a request to end, the current line is still answered.
    using var stop = new CancellationTokenSource();
    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }

    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var service = new DecisionService(
        learner, [.. parsed.GetValue(arms)!.Split(',').Select(a => a.Trim())], parsed.GetValue(state)!, parsed.GetValue(exploration),
        parsed.GetValue(openShops));
    LineServer.Run(service, new BufferedStream(Console.OpenStandardInput()), Console.Out, stop.Token).GetAwaiter().GetResult();
}));
var simulate = new Command("simulate", "Lets the service work for new, simulated shops") { learnerFile, state, exploration, shops, visits };
simulate.SetAction(parsed => With(parsed, learner =>
{
    var folder = parsed.GetValue(state)!;
    if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.json").Any())
    {
        throw new SampleException($"'{folder}' already has shops, but a simulation starts anew. Delete it, or choose another --state.");
    }

    Simulation.Run(learner, folder, parsed.GetValue(shops), parsed.GetValue(visits), parsed.GetValue(exploration));
}));
return new RootCommand("A contextual bandit that begins in a new shop with what other shops have taught.")
{
    simulate, serve,
}.Parse(args).Invoke();

int With(ParseResult parsed, Action<Learner> use)
{
    try
    {
        using var learner = new MLContext().MetaLearning().LoadLearner(
            parsed.GetValue(learnerFile)!, new Learner.Options { CreateSessionsOnLoad = true });
        use(learner);
        return 0;
    }
    catch (Exception failure) when (
        failure is SampleException or IOException
            or UnauthorizedAccessException or FormatException or NotSupportedException or InvalidOperationException)
    {
        Console.Error.WriteLine(failure.Message);
        return 1;
    }
}

static Option<int> AtLeast(int minimum, Option<int> option)
{
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < minimum)
        {
            result.AddError($"{option.Name} must be at least {minimum}.");
        }
    });
    return option;
}
