// Meta-trains on the log of many shops, so that a new shop is learned quickly. Run it once, offline. The service needs the file that it
// writes. Neither program needs libtorch.
//
//   dotnet run -c Release --project samples/ContextualBanditTraining -- --output learner.onnx
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;

var output = new Option<string>("--output") { Description = "The learner file to write", DefaultValueFactory = _ => "learner.onnx" };
var shops = new Option<int>("--shops") { Description = "Shops of the log", DefaultValueFactory = _ => 300 };
var steps = new Option<int>("--steps") { Description = "Meta-steps", DefaultValueFactory = _ => 400 };
foreach (var (option, minimum) in new[] { (shops, 2), (steps, 1) })
{
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < minimum)
        {
            result.AddError($"{option.Name} must be at least {minimum}.");
        }
    });
}

var command = new RootCommand(
    "Meta-trains the learner of the ContextualBandit sample on the log of simulated shops.") { output, shops, steps };
command.SetAction(parsed =>
{
    var (path, random) = (parsed.GetValue(output)!, new Random(1));
    if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
    {
        Console.Error.WriteLine($"There is no folder '{folder}' for --output. Create it.");
        return 1;
    }

    var ml = new MLContext(seed: 1);
    // The log: every shop showed its visitors random offers, and recorded what the shown offer earned. What the other offers would have
    // earned is unknown: NaN.
    var log = Enumerable.Range(0, parsed.GetValue(shops)).SelectMany(number =>
    {
        var shop = Shop.Open(random);
        return Enumerable.Range(0, 80).Select(_ =>
        {
            var (context, offer) = (Shop.Visit(random), random.Next(Shop.Offers.Length));
            var earned = shop.Earn(context, offer, random);
            return new LogRow
            {
                Shop = number, Features = context, Label = [.. Shop.Offers.Select((_, i) => i == offer ? earned : float.NaN)],
            };
        });
    }).ToArray();

    var started = DateTime.UtcNow;
    var learner = ml.MetaLearning().Regression.DualSystem(new DualSystemTrainer.Options
    {
        Tasks = new TaskColumn(nameof(LogRow.Shop)) { SupportRows = 30, QueryRows = 50 },
        MissingTargets = true,
        PullPerRow = false,
        ModulationPull = 0.1,
        Network = new MultilayerPerceptron { HiddenUnits = [32, 32] },
        Rule = MetaGradientRule.Contrastive(strength: 0.3),
        Compute = Compute.OnnxRuntime(),
        Training = new()
        {
            Steps = parsed.GetValue(steps), ValidationInterval = 100, Patience = null, Seed = 1, Progress = new Reports(),
        },
    }).Fit(ml.Data.LoadFromEnumerable(log)).Learner;
    learner.Save(path);
    Console.WriteLine(
        $"Meta-trained on {parsed.GetValue(shops)} shops in {(DateTime.UtcNow - started).TotalSeconds:F0} s. Wrote {path}: "
        + $"{learner.OutputCount} offers, {learner.FeatureCount} features.");
    Console.WriteLine($"Next: dotnet run -c Release --project samples/ContextualBandit -- simulate --learner {path}");
    return 0;
});
return command.Parse(args).Invoke();

/// <summary>A visit.</summary>
internal sealed class LogRow
{
    public float Shop { get; set; }

    [VectorType(MLNetMeta.Samples.Shop.ContextLength)]
    public float[] Features { get; set; } = [];

    /// <summary>Earnings of each offer, NaN for the offers that were not shown.</summary>
    [VectorType(4)]
    public float[] Label { get; set; } = [];
}

/// <summary>Prints a line for every validation.</summary>
internal sealed class Reports : IProgress<MetaTrainingProgress>
{
    public void Report(MetaTrainingProgress value) =>
        Console.WriteLine($"meta-step {value.Step} of {value.TotalSteps}: validation loss {value.ValidationLoss:F4}");
}
