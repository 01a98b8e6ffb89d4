// MLNetMeta in one file: meta-train on the history of a fleet of machines, then learn a new machine from a handful of rows.
//
//   dotnet run -c Release --project samples/QuickStart        (no arguments, no download; --help shows the few options)
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;

if (QuickStartOptions.Parse(args, out var exitCode) is not { } options)
{
    return exitCode;
}

Directory.CreateDirectory(options.Output);
string Output(string file) => Path.Combine(options.Output, file);
var ml = new MLContext(options.Seed);
var regression = ml.MetaLearning().Regression;
var classification = ml.MetaLearning().Classification;
var random = new Random(options.Seed);

// ── 1. Regression: machines ──────────────────────────────────────────────────────────────────────────────────────────
// A maintenance service has measured how far a thousand machines swing at different angles of their shaft. Every
// machine is one task, and every machine is different. The column "Machine" says which task a row belongs to.
Console.WriteLine("1. Machines: predict how a new machine swings from 5 or 10 measurements");
var fleet = Machine.Log(ml, Machine.Build(1000, seed: options.Seed), measurements: 40, seed: options.Seed + 1);

// Meta-training happens once, offline. There are two learners, based on two models of fast and slow learning in brains. In a complex
// synapse, all weights learn a task, and each weight is pulled towards its own slow state.
var synapseHistory = new MetaTrainingHistory();
var synapse = TrainingProgress.Show(
    "complex synapse", synapseHistory, progress => regression.ComplexSynapse(new ComplexSynapseTrainer.Options
{
    Tasks = new TaskColumn("Machine"),
    Network = new MultilayerPerceptron { HiddenUnits = Settings.MachineUnits },
    Rule = Settings.Rule,
    Adaptation = new() { Steps = Settings.AdaptationSteps },
    ConsolidationStrength = Settings.MachinePull,
    Training = new()
    {
        Steps = options.Steps,
        Optimizer = Settings.MachineMetaOptimizer,
        ValidationInterval = Settings.ValidationInterval(options.Steps),
        Progress = progress,
    },
}).Fit(fleet).Learner);

// In a dual system, all tasks share a slow network. Each task adjusts a gain and a shift of every unit, and a readout.
var dualHistory = new MetaTrainingHistory();
var dual = TrainingProgress.Show("dual system", dualHistory, progress => regression.DualSystem(new DualSystemTrainer.Options
{
    Tasks = new TaskColumn("Machine"),
    Network = new MultilayerPerceptron { HiddenUnits = Settings.MachineUnits },
    Rule = Settings.Rule,
    Adaptation = new() { Steps = Settings.AdaptationSteps },
    ModulationPull = Settings.MachinePull,
    Training = new()
    {
        Steps = options.Steps,
        Optimizer = Settings.MachineMetaOptimizer,
        ValidationInterval = Settings.ValidationInterval(options.Steps),
        Progress = progress,
    },
}).Fit(fleet).Learner);

// A learner is one ONNX file. Its graph is the learning algorithm. This is the file you ship.
synapse.Save(Output("machines-learner.onnx"));
Console.WriteLine(
    $"   {Output("machines-learner.onnx")}: {new FileInfo(Output("machines-learner.onnx")).Length / 1024} KB, {synapse.Kind}, "
    + $"adapts in {synapse.Steps} steps, network {synapse.Network}");

// Evaluation: mean squared error on unseen machines, compared with baselines that need no meta-training. Each baseline gets the same rows,
// and the settings that work best on the history.
Console.WriteLine($"   measuring on {options.Episodes} tasks of new machines ...");
var newMachines = Machine.Log(ml, Machine.Build(1000, seed: options.Seed + 2), measurements: 60, seed: options.Seed + 3);
FewShotEvaluationOptions[] fewMeasurements = [.. new[] { 5, 10 }.Select(rows =>
    new FewShotEvaluationOptions
    {
        Tasks = new TaskColumn("Machine") { SupportRows = rows, QueryRows = 50 }, NumberOfEpisodes = options.Episodes, Seed = options.Seed,
    })];
var machineTable = ResultTable.OfError("Mean squared error on new machines", ["5 rows", "10 rows"]);
machineTable.Measure(
    "Before adaptation", fewMeasurements.Select(o => regression.Evaluate(synapse, newMachines, o with { AdaptationSteps = 0 })));
var machineScaling = ml.Transforms.NormalizeMeanVariance("Features", fixZero: false).Fit(fleet);
foreach (var baseline in RegressionBaselines.All(ml, Settings.MachineUnits, options.Seed))
{
    machineTable.Measure(baseline.Name, fewMeasurements.Select(o => regression.Evaluate(
        baseline.Choose(
            trainer => regression.Evaluate(
                trainer, machineScaling.Transform(fleet), o with { NumberOfEpisodes = Settings.TuningEpisodes(options.Episodes) }),
            higherIsBetter: false).Trainer,
        machineScaling.Transform(newMachines), o)));
}

FewShotMetrics[] ofSynapse = [.. fewMeasurements.Select(o => regression.Evaluate(synapse, newMachines, o))];
machineTable.Add("MLNetMeta complex synapse", ofSynapse);
machineTable.Measure("MLNetMeta dual system", fewMeasurements.Select(o => regression.Evaluate(dual, newMachines, o)));
machineTable.Write();

// ── 2. In the app: adapt, predict, save, export ──────────────────────────────────────────────────────────────────────
// The app needs the package MLNetMeta.Transforms and the learner file, but not libtorch. A customer has a new machine
// and measures it five times. Learning it is an ordinary Fit that takes a few milliseconds. The result is an ordinary
// ML.NET model.
Console.WriteLine("2. A new machine in the app");
using var learner = ml.MetaLearning().LoadLearner(Output("machines-learner.onnx"));
var machine = new Machine("the new one", Strength: 3.2, Timing: 1.1);
var measured = machine.Measure(5, random).ToArray();
var support = ml.Data.LoadFromEnumerable(measured);
using var model = ml.MetaLearning().FewShot(learner).Fit(support);

double[] angles = [.. Enumerable.Range(0, 201).Select(i => -5 + (0.05 * i))];
var everyAngle = ml.Data.LoadFromEnumerable(angles.Select(machine.At).ToArray());
float[] scores = [.. model.Transform(everyAngle).GetColumn<float>("Score")];

// Save it as an ML.NET model file. It opens wherever ML.NET runs.
ml.Model.Save(model, support.Schema, Output("new-machine.zip"));
float[] reloaded = [.. ml.Model.Load(Output("new-machine.zip"), out _).Transform(everyAngle).GetColumn<float>("Score")];
var zipAgrees = Agreement.Report("ml.Model.Load", reloaded, scores);

// Save it as an ONNX file. It runs without ML.NET, on all platforms and devices of ONNX Runtime.
model.SaveAsOnnx(Output("new-machine.onnx"));
using var session = new InferenceSession(Output("new-machine.onnx"));
var features = new DenseTensor<float>(angles.Select(a => (float)a).ToArray(), [angles.Length, 1]);
using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("Features", features)], ["Score"]);
var onnxAgrees = Agreement.Report("ONNX Runtime", [.. outputs[0].AsEnumerable<float>()], scores);

// ── 3. Classification: gestures ──────────────────────────────────────────────────────────────────────────────────────
// A smartwatch should recognise gestures that its user invents, from one or two recordings of each. There is no task
// column here. With a label column only, MLNetMeta creates its own tasks, each with five gestures of the history
// ("5-way episodes").
Console.WriteLine("3. Gestures: tell five new gestures apart from one or two recordings of each");
var keys = ml.Transforms.Conversion.MapValueToKey("Label", "Gesture");
var recordings = ml.Data.LoadFromEnumerable(Gestures.Record(gestures: 60, recordings: 40, seed: options.Seed));
var history = keys.Fit(recordings).Transform(recordings);

var fiveGestures = new Episodes { Ways = 5, Shots = 1 };
var gestureAdaptation = new AdaptationOptions { Optimizer = Settings.GestureInnerOptimizer, Steps = Settings.AdaptationSteps };
var gestureTraining = new TrainingOptions
{
    Steps = Settings.GestureSteps(options.Steps),
    ValidationInterval = Settings.ValidationInterval(Settings.GestureSteps(options.Steps)),
};

var gestureSynapseHistory = new MetaTrainingHistory();
var gestureSynapse = TrainingProgress.Show(
    "complex synapse", gestureSynapseHistory, progress => classification.ComplexSynapse(new ComplexSynapseTrainer.Options
{
    Tasks = fiveGestures,
    Rule = Settings.Rule,
    Adaptation = gestureAdaptation,
    Training = gestureTraining with { Progress = progress },
}).Fit(history).Learner);

var gestureDualHistory = new MetaTrainingHistory();
var gestureDual = TrainingProgress.Show(
    "dual system", gestureDualHistory, progress => classification.DualSystem(new DualSystemTrainer.Options
{
    Tasks = fiveGestures,
    Rule = Settings.Rule,
    Adaptation = gestureAdaptation,
    Training = gestureTraining with { Progress = progress },
}).Fit(history).Learner);
gestureDual.Save(Output("gestures-learner.onnx"));

Console.WriteLine($"   measuring on {options.Episodes} tasks of new gestures ...");
var newRecordings = ml.Data.LoadFromEnumerable(Gestures.Record(gestures: 100, recordings: 20, seed: options.Seed + 1));
var newGestures = keys.Fit(newRecordings).Transform(newRecordings);
FewShotEvaluationOptions[] fewRecordings = [.. new[] { 1, 2 }.Select(shots =>
    new FewShotEvaluationOptions
    {
        Tasks = new Episodes { Ways = 5, Shots = shots }, NumberOfEpisodes = options.Episodes, Seed = options.Seed,
    })];
var gestureTable = ResultTable.OfAccuracy("Accuracy on five new gestures", ["5 rows", "10 rows"]);
gestureTable.Measure(
    "Before adaptation", fewRecordings.Select(o => classification.Evaluate(gestureSynapse, newGestures, o with { AdaptationSteps = 0 })));
var gestureScaling = ml.Transforms.NormalizeMeanVariance("Features", fixZero: false).Fit(history);
foreach (var baseline in ClassificationBaselines.Quick(ml, Settings.GestureUnits, options.Seed))
{
    gestureTable.Measure(baseline.Name, fewRecordings.Select(o => classification.Evaluate(
        baseline.Choose(
            trainer => classification.Evaluate(
                trainer, gestureScaling.Transform(history), o with { NumberOfEpisodes = Settings.TuningEpisodes(options.Episodes) }),
            higherIsBetter: true).Trainer,
        gestureScaling.Transform(newGestures), o)));
}

gestureTable.Measure("MLNetMeta complex synapse", fewRecordings.Select(o => classification.Evaluate(gestureSynapse, newGestures, o)));
gestureTable.Measure("MLNetMeta dual system", fewRecordings.Select(o => classification.Evaluate(gestureDual, newGestures, o)));
gestureTable.Write();

// In the app, a user records five of her own gestures, once each, and gives them names. FewShot is an ordinary trainer, so it can be part
// of a pipeline, and a PredictionEngine predicts one recording at a time.
using var gestureLearner = ml.MetaLearning().LoadLearner(Output("gestures-learner.onnx"));
var shown = Gestures.Record(gestures: 5, recordings: 5, seed: options.Seed + 2).GroupBy(r => r.Gesture).ToArray();
using var watch = keys
    .Append(ml.MetaLearning().FewShot(gestureLearner))
    .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
    .Fit(ml.Data.LoadFromEnumerable(shown.Select(gesture => gesture.First())));
using var engine = ml.Model.CreatePredictionEngine<Recording, Recognition>(watch);
var repeated = shown.SelectMany(gesture => gesture.Skip(1)).ToArray();
Console.WriteLine(
    $"   shown {shown.Length} gestures once each, the watch recognises {repeated.Count(r => engine.Predict(r).Gesture == r.Gesture)} "
    + $"of {repeated.Length} repetitions");

// ── 4. Pictures ──────────────────────────────────────────────────────────────────────────────────────────────────────
var prior = ml.MetaLearning().FewShot(learner, new() { Steps = 0 }).Fit(support).Transform(everyAngle).GetColumn<float>("Score");
var scratch = RegressionBaselines.FromScratch(ml, Settings.MachineUnits, options.Seed).Settings[^1].Trainer
    .Fit(machineScaling.Transform(support)).Transform(machineScaling.Transform(everyAngle)).GetColumn<float[]>("Score").Select(s => s[0]);
int[] adaptationSteps = [0, 1, 2, 5, 10, 20, gestureDual.Steps];
FewShotMetrics[] AccuracyBySteps(Learner adapted) =>
    [.. adaptationSteps.Select(steps => classification.Evaluate(adapted, newGestures, fewRecordings[0] with { AdaptationSteps = steps }))];
string[] pictures =
[
    Plots.LearningCurves(
        Output("machines-learning-curve.svg"), "Machines: learning to learn", ("complex synapse", synapseHistory),
        ("dual system", dualHistory)),
    Plots.Adaptation(
        Output("machines-adaptation.svg"), "A new machine from five measurements", angles, [.. angles.Select(machine.Swing)], measured,
        ("before adaptation", Plots.Doubles(prior)), ("from scratch", Plots.Doubles(scratch)), ("MLNetMeta", Plots.Doubles(scores))),
    Plots.LearningCurves(
        Output("gestures-learning-curve.svg"), "Gestures: learning to learn", ("complex synapse", gestureSynapseHistory),
        ("dual system", gestureDualHistory)),
    Plots.Adaptation(Output("gestures-adaptation.svg"), "Five new gestures from one recording each", adaptationSteps,
        ("complex synapse", AccuracyBySteps(gestureSynapse)), ("dual system", AccuracyBySteps(gestureDual))),
];
new MetaTrainingReport
{
    Title = "Machines, complex synapse", History = synapseHistory, Evaluations = [("5 rows", ofSynapse[0]), ("10 rows", ofSynapse[1])],
}.Save(Output("machines-report.html"));
Console.WriteLine($"Wrote {string.Join(", ", pictures)}, {Output("machines-report.html")}");
return zipAgrees && onnxAgrees ? 0 : 1;
