// A network and a learner of one's own. They are written once, and then meta-trained, adapted and exported like those of the library.
//
//   dotnet run -c Release --project samples/CustomLearner [OUTPUT] [META-STEPS]
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;

var output = args.Length > 0 ? args[0] : "output";
var steps = 600;
if (args.Length > 1 && (!int.TryParse(args[1], out steps) || steps < 1))
{
    Console.Error.WriteLine($"META-STEPS must be a whole number of at least 1, got '{args[1]}'.");
    return 1;
}

Directory.CreateDirectory(output);
var ml = new MLContext(seed: 1);
var regression = ml.MetaLearning().Regression;
var waves = ml.Data.LoadFromEnumerable(Wave.Generate(tasks: 500, rows: 30, seed: 1));
var newWaves = ml.Data.LoadFromEnumerable(Wave.Generate(tasks: 200, rows: 30, seed: 2));
var network = new CustomNetwork(features => new ResidualNetwork(features, units: 32));
var tasks = new TaskColumn("Task") { SupportRows = 10 };
var training = new TrainingOptions { Steps = steps, ValidationInterval = Math.Max(1, steps / 6), Progress = new ConsoleProgress() };

// Your learner: low-rank adapters for your network.
Console.WriteLine("Low-rank adapters of a residual network");
using var adapters = regression.Custom(
    new CustomLearnerTrainer.Options((body, loss) => new LowRankAdapters(body, loss, rank: 2))
    {
        Tasks = tasks, Network = network, Training = training, Settings = "rank 2",
    }).Fit(waves).Learner;

// Your network in a learner of the library.
Console.WriteLine("Complex synapse of the same network");
using var synapse = regression.ComplexSynapse(
    new ComplexSynapseTrainer.Options
    {
        Tasks = tasks, Network = network, Training = training, Adaptation = new() { Optimizer = Optimizer.Sgd(0.003, 0.9, nesterov: true) },
    }).Fit(waves).Learner;

foreach (var (name, learner) in new[] { ("low-rank adapters", adapters), ("complex synapse", synapse) })
{
    learner.Save(Path.Combine(output, $"{name.Replace(' ', '-')}.onnx"));
    var metrics = regression.Evaluate(
        learner, newWaves, new FewShotEvaluationOptions { Tasks = tasks with { QueryRows = 20 }, NumberOfEpisodes = 200 });
    Console.WriteLine($"{name}: {metrics} from 10 rows of a new task");
}

// In the app: adapt, predict, export.
var rows = Wave.Generate(tasks: 1, rows: 30, seed: 3).ToArray();
using var model = ml.MetaLearning().FewShot(adapters).Fit(ml.Data.LoadFromEnumerable(rows[..10]));
var engine = ml.Model.CreatePredictionEngine<Wave, WavePrediction>(model);
Console.WriteLine($"at {rows[20].X[0]:F2}: predicted {engine.Predict(rows[20]).Score:F2}, measured {rows[20].Label:F2}");
model.SaveAsOnnx(Path.Combine(output, "adapted.onnx"));
return 0;

/// <summary>A measurement of a wave. Each task has its own amplitude and phase.</summary>
internal sealed class Wave
{
    public string Task { get; set; } = "";

    [ColumnName("Features"), VectorType(1)]
    public float[] X { get; set; } = [];

    public float Label { get; set; }

    public static IEnumerable<Wave> Generate(int tasks, int rows, int seed)
    {
        var random = new Random(seed);
        for (var task = 0; task < tasks; task++)
        {
            var (amplitude, phase) = (0.1 + (4.9 * random.NextDouble()), Math.PI * random.NextDouble());
            for (var row = 0; row < rows; row++)
            {
                var x = (10 * random.NextDouble()) - 5;
                yield return new Wave { Task = $"wave {task}", X = [(float)x], Label = (float)(amplitude * Math.Sin(x - phase)) };
            }
        }
    }
}

/// <summary>A prediction.</summary>
internal sealed class WavePrediction
{
    public float Score { get; set; }
}

/// <summary>Prints a line for each validation.</summary>
internal sealed class ConsoleProgress : IProgress<MetaTrainingProgress>
{
    public void Report(MetaTrainingProgress value) =>
        Console.WriteLine($"  meta-step {value.Step}: validation loss {value.ValidationLoss:G3}");
}
