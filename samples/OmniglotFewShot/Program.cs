using System.Globalization;
// Few-shot recognition of handwritten characters. Meta-trains on some characters, then learns others from one drawing of each:
//
//   dotnet run -c Release --project samples/OmniglotFewShot                                  (invents its characters, a few minutes)
//   dotnet run -c Release --project samples/OmniglotFewShot -- images_background.zip images_evaluation.zip
//   dotnet run -c Release --project samples/OmniglotFewShot -- images_background.zip images_evaluation.zip --resume
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Data.Analysis;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;

if (OmniglotOptions.Parse(args, out var exitCode) is not { } options)
{
    return exitCode;
}

// Ctrl+C or a request to end stops the meta-training between two steps, after a checkpoint.
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    Run(options, stop.Token);
    return 0;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Interrupted. Run the same command with --resume to continue.");
    return 130;
}
catch (Exception failure) when (
    failure is SampleException or InvalidOperationException or ArgumentException or FormatException or IOException
        or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

static void Run(OmniglotOptions options, CancellationToken cancellation)
{
    var ml = new MLContext(options.Seed);
    var classification = ml.MetaLearning().Classification;
    ml.Log += (_, entry) =>
    {
        if (entry.RawMessage.StartsWith("Resumed", StringComparison.Ordinal))
        {
            Console.WriteLine(entry.RawMessage);
        }
    };
    Directory.CreateDirectory(options.Output);
    string Output(string file) => Path.Combine(options.Output, file);

    var checkpoint = Checkpoint(Output("meta-training.checkpoint"), options.Resume);
    var characters = CharacterSet.Load(ml, options);
    Console.WriteLine(characters.Description);

    // Meta-training. An interrupted run resumes from its last checkpoint.
    var history = new MetaTrainingHistory();
    var clock = Stopwatch.StartNew();
    var training = options.Training with
    {
        Checkpoint = new(checkpoint) { Interval = options.CheckpointInterval }, CancellationToken = cancellation,
        Improvable = true, // samples/BrowserDraw meta-trains the learner further
    };
    var episodesOfTraining = (Episodes)training.Tasks;
    var trained = TrainingProgress.Show(
        $"{options.Learner}, {episodesOfTraining.Ways}-way {episodesOfTraining.Shots}-shot", history, progress =>
        (training with { Training = training.Training with { Progress = progress } } switch
        {
            DualSystemTrainer.Options dual => (IEstimator<LearnerTransformer>)classification.DualSystem(dual),
            ComplexSynapseTrainer.Options synapse => classification.ComplexSynapse(synapse),
            _ => throw new UnreachableException(),
        }).Fit(CharacterSet.Keyed(ml, characters.Train)).Learner, plainLines: 20);
    trained.Save(Output("learner.onnx"));
    DataFrame.SaveCsv(history.ToDataFrame(), Output("history.csv"));
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Output("learner.onnx")}: {new FileInfo(Output("learner.onnx")).Length / 1024} KB, meta-trained in "
            + $"{clock.Elapsed.TotalMinutes:F1} minutes"));

    // Accuracy on unseen characters, with the same tasks for every method. The learner adapts to any number of classes.
    using var learner = ml.MetaLearning().LoadLearner(Output("learner.onnx"));
    Console.WriteLine($"measuring on {options.Episodes} tasks of new characters for each column ...");
    var test = CharacterSet.Keyed(ml, characters.Test);
    FewShotEvaluationOptions[] episodes = [.. Settings.Tests.Select(t =>
        new FewShotEvaluationOptions
        {
            Tasks = new Episodes { Ways = t.Ways, Shots = t.Shots }, NumberOfEpisodes = options.Episodes, Seed = options.Seed,
            CancellationToken = cancellation,
        })];
    var table = ResultTable.OfAccuracy("Accuracy", Settings.Tests.Select(t => $"{t.Ways}-way {t.Shots}-shot"));
    foreach (var baseline in new[] { Nearest.Neighbour(ml), Nearest.Mean(ml) })
    {
        table.Measure($"{baseline.Name}, pixels", episodes.Select(e => classification.Evaluate(baseline.Settings[0].Trainer, test, e)));
    }

    table.Measure($"MLNetMeta {options.Learner}", episodes.Select(e => classification.Evaluate(learner, test, e)));
    table.Write();
    table.Save(Output("results.csv"));

    // In the app, a user draws five characters once each. Learning them is an ordinary Fit.
    var random = new Random(options.Seed);
    var shown = characters.Test.GroupBy(d => d.Label).OrderBy(_ => random.Next()).Take(5).Select(
        c => c.OrderBy(_ => random.Next()).Take(6).ToArray()).ToArray();
    var (support, queries) = (shown.Select(c => c[..1]).ToArray(), shown.Select(c => c[1..]).ToArray());
    clock.Restart();
    using var model = ml.MetaLearning().FewShot(learner).Fit(CharacterSet.Keyed(ml, [.. support.SelectMany(s => s)]));
    Console.WriteLine(
        FormattableString.Invariant($"five new characters learned from one drawing each in {clock.Elapsed.TotalMilliseconds:F0} ms"));
    var predicted = Predict(ml, model, queries);
    PredictionGrid.Save(Output("predictions.png"), support, queries, predicted);
    model.SaveAsOnnx(Output("five-characters.onnx"));
    ml.Model.Save(model, Drawing.View(ml, [], learner.FeatureCount).Schema, Output("five-characters.zip"));
    var right = predicted.Select((row, character) => row.Count(p => p == character)).Sum();
    Console.WriteLine($"{right} of {predicted.Sum(p => p.Length)} other drawings of them recognised: {Output("predictions.png")}");
    File.Delete(checkpoint);
}

static string Checkpoint(string path, bool resume)
{
    if (File.Exists(path) && !resume)
    {
        throw new SampleException(
            $"'{path}' is from an interrupted run. Add --resume to continue it, delete it to start anew, or choose another "
            + "--output.");
    }

    if (resume && !File.Exists(path))
    {
        Console.WriteLine($"There is nothing to resume at '{path}': starts from the beginning");
    }

    return path;
}

// The classes of the support are numbered in the order in which they were shown.
static int[][] Predict(MLContext ml, FewShotPredictionTransformer model, Drawing[][] queries)
{
    var all = queries.SelectMany(q => q).ToArray();
    var labels = model.Transform(Drawing.View(ml, all, all[0].Features.Length)).GetColumn<uint>("PredictedLabel").Select(
        key => (int)key - 1).ToArray();
    return [.. queries.Select((q, character) => labels[(character * q.Length)..((character + 1) * q.Length)])];
}
