// Everything in data frames: tasks, support and query rows come from data frames. Predictions, the training history and the metrics of each
// episode go into data frames.
//
//   dotnet run -c Release --project samples/DataFrames [OUTPUT] [META-STEPS]
using Microsoft.Data.Analysis;
using Microsoft.ML;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;

var output = args.Length > 0 ? args[0] : "output";
var steps = 300;
if (args.Length > 1 && (!int.TryParse(args[1], out steps) || steps < 1))
{
    Console.Error.WriteLine($"META-STEPS must be a whole number of at least 1, got '{args[1]}'.");
    return 1;
}

Directory.CreateDirectory(output);
string Output(string file) => Path.Combine(output, file);
var ml = new MLContext(seed: 1);
var features = ml.Transforms.Concatenate("Features", "Temperature", "Opening");

// Tasks in: any data frame with a column that says which task a row belongs to (DataFrame.LoadCsv reads one).
DataFrame tasks = Greenhouses.Measure(houses: 200, measurements: 30, seed: 1);
var history = new MetaTrainingHistory();
var trainer = ml.MetaLearning().Regression.DualSystem(new DualSystemTrainer.Options
{
    Tasks = new TaskColumn("House") { SupportRows = 6 },
    LabelColumnName = "Humidity",
    Training = new() { Steps = steps, ValidationInterval = Math.Max(1, steps / 10), Progress = history },
});
using var learner = features.Append(trainer).Fit(tasks).LastTransformer.Learner;

// History out.
DataFrame curve = history.ToDataFrame();
DataFrame.SaveCsv(curve, Output("history.csv"));
Console.WriteLine($"History: {curve.Rows.Count} reports with {string.Join(", ", curve.Columns.Select(column => column.Name))}");

// Metrics out: one row per episode.
DataFrame newHouses = Greenhouses.Measure(houses: 100, measurements: 30, seed: 2);
var metrics = ml.MetaLearning().Regression.Evaluate(learner, features.Fit(newHouses).Transform(newHouses), new FewShotEvaluationOptions
{
    Tasks = new TaskColumn("House") { SupportRows = 6, QueryRows = 20 },
    LabelColumnName = "Humidity",
    NumberOfEpisodes = 100,
});
DataFrame episodes = metrics.ToDataFrame();
DataFrame.SaveCsv(episodes, Output("episodes.csv"));
Console.WriteLine($"{metrics}");
Console.WriteLine($"Episodes: the worst has {episodes[metrics.Name].Max():F2}");

// One new greenhouse: six measurements in, predictions for the others out.
DataFrame house = Greenhouses.Measure(houses: 1, measurements: 36, seed: 3);
DataFrame support = house.Head(6), queries = house.Tail(30);
using var model = features.Append(ml.MetaLearning().FewShot(learner, labelColumnName: "Humidity")).Fit(support);
var scored = model.Transform(queries);
// A data frame cannot hold vectors such as Features, so select the columns.
DataFrame predictions = ml.Transforms.SelectColumns(
    "Temperature", "Opening", "Humidity", "Score").Fit(scored).Transform(scored).ToDataFrame(-1);
DataFrame.SaveCsv(predictions, Output("predictions.csv"));
Console.WriteLine(predictions.Head(5));
return 0;
