// A pretrained network in front of a few-shot learner: new classes of pictures from one to five pictures each.
//
//   dotnet run -c Release --project samples/PretrainedImages                       (invented pictures)
//   dotnet run -c Release --project samples/PretrainedImages -- --images PHOTOS    (a folder with a folder for each class)
//   dotnet run -c Release --project samples/PretrainedImages -- --strips CIFAR     (CIFAR-FS)
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;

if (PretrainedOptions.Parse(args, out var exitCode) is not { } options)
{
    return exitCode;
}

try
{
    Run(options);
    return 0;
}
catch (Exception failure) when (
    failure is SampleException or InvalidOperationException or ArgumentException or FormatException or IOException
        or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

static void Run(PretrainedOptions options)
{
    const int side = 224, ways = 5;
    int[] shots = [1, 5];
    var ml = new MLContext(options.Seed);
    var classification = ml.MetaLearning().Classification;
    Directory.CreateDirectory(options.Output);
    var source = options.Images is { } folder ? PictureSource.OfFolders(folder, options.PerClass, options.Seed)
        : options.Strips is { } strips ? PictureSource.OfStrips(strips, options.PerClass)
        : PictureSource.Invented(options.Classes, Math.Min(options.PerClass, 12), options.Seed);

    // The backbone: ML.NET's stages for images, then two ONNX files, which turn pixels into what ResNet18 expects
    // and that into 512 numbers.
    var models = Path.Combine(AppContext.BaseDirectory, "DnnImageModels");
    var backbone = ml.Transforms.ResizeImages("Image", side, side)
        .Append(ml.Transforms.ExtractPixels("Features", "Image"))
        .Append(ml.MetaLearning().Backbone(Path.Combine(models, "ResNetPrepOnnx", "ResNetPreprocess.onnx")))
        .Append(ml.MetaLearning().Backbone(Path.Combine(models, "ResNet18Onnx", "ResNet18.onnx")))
        .Append(ml.Transforms.NormalizeLpNorm("Features", "Features"));

    // Every picture goes through the backbone once; the embeddings are kept in a file.
    var (history, newClasses) = (
        Embeddings("train", source.Train), options.IsFinal ? Embeddings("test", source.Test) : Embeddings("val", source.Validation));

    // Meta-training on embeddings: no backbone any more. The settings were chosen on CIFAR-FS's validation classes.
    var clock = Stopwatch.StartNew();
    var learner = TrainingProgress.Show("complex synapse", new MetaTrainingHistory(), progress =>
        classification.ComplexSynapse(new ComplexSynapseTrainer.Options
        {
            // A slow layer that all classes share, and a readout that learns a task. More classes than the app has make it better.
            Tasks = new Episodes { Ways = Math.Clamp(source.Train.Count / 5, 2, 10), Shots = (1, 5) },
            Network = new MultilayerPerceptron { HiddenUnits = [512], Activation = Activation.Relu },
            FastParameters = FastParameters.Head,
            ConsolidationStrength = 0.05,
            PullPerRow = false,
            Training = new() { Seed = options.Seed, Progress = progress, Steps = options.Steps, Optimizer = Optimizer.Adam(0.001) },
        }).Fit(history).Learner);
    Console.WriteLine($"meta-trained in {clock.Elapsed.TotalSeconds:F0} s");
    learner.Save(Path.Combine(options.Output, "learner.onnx"));

    // The same episodes for all methods. The baselines' settings are chosen on the classes of meta-training.
    var table = ResultTable.OfAccuracy(
        $"Accuracy, {ways} {(options.IsFinal ? "new" : "validation")} classes, {options.Episodes} tasks",
        shots.Select(count => count == 1 ? "1 picture each" : $"{count} pictures each"));
    foreach (var baseline in new[] { Nearest.Mean(ml), LogisticRegression(ml) })
    {
        table.Measure(baseline.Name, shots.Select(count =>
        {
            var (_, trainer) = baseline.Choose(
                candidate => classification.Evaluate(candidate, history, Tasks(count, episodes: 50)), higherIsBetter: true);
            return classification.Evaluate(trainer, newClasses, Tasks(count, options.Episodes));
        }));
    }

    table.Measure("MLNetMeta complex synapse", shots.Select(
        count => classification.Evaluate(learner, newClasses, Tasks(count, options.Episodes))));
    table.Write();
    table.Save(Path.Combine(options.Output, "results.csv"));

    App(ml, options, source, backbone, learner, newClasses);

    FewShotEvaluationOptions Tasks(int count, int episodes) => new()
    {
        Tasks = new Episodes { Ways = ways, Shots = count }, NumberOfEpisodes = episodes, Seed = options.Seed,
    };

    IDataView Embeddings(string part, IReadOnlyList<string> classes)
    {
        var path = Path.Combine(options.Output, $"{part}-{options.PerClass}.embeddings");
        if (!File.Exists(path))
        {
            var time = Stopwatch.StartNew();
            var count = 0;
            var pictures = ml.Data.LoadFromEnumerable(source.Read(classes).Select(picture =>
            {
                if (++count % 500 == 0)
                {
                    Console.WriteLine($"{part}: {count} pictures, {time.Elapsed.TotalSeconds:F0} s");
                }

                return picture;
            }));
            // Into memory first: ML.NET's writer reads its rows twice.
            var embedded = backbone.Append(ml.Transforms.SelectColumns("Label", "Features")).Fit(pictures).Transform(pictures);
            var rowsInMemory = ml.Data.CreateEnumerable<LabelledEmbedding>(embedded, reuseRowObject: false).ToArray();
            using (var file = File.Create(path + ".part"))
            {
                ml.Data.SaveAsBinary(View(ml, rowsInMemory, rowsInMemory[0].Features.Length), file);
            }

            File.Move(path + ".part", path);
            Console.WriteLine($"{part}: {count} pictures of {classes.Count} classes embedded in {time.Elapsed.TotalSeconds:F0} s");
        }

        var rows = ml.Data.LoadFromBinary(path);
        return ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
    }
}

// In the app: five new classes from five pictures each, straight from the pixels; then one ONNX file.
static void App(
    MLContext ml, PretrainedOptions options, PictureSource source, IEstimator<ITransformer> backbone, Learner learner, IDataView embeddings)
{
    string[] classes = [.. (options.IsFinal ? source.Test : source.Validation).Take(5)];
    Picture[] pictures = [.. classes.SelectMany(label => source.Read([label]).Take(6))];
    var support = ml.Data.LoadFromEnumerable(pictures.Where((_, i) => i % 6 < 5));
    var queries = ml.Data.LoadFromEnumerable(pictures.Where((_, i) => i % 6 == 5));
    using var model = backbone.Append(ml.Transforms.Conversion.MapValueToKey("Label"))
        .Append(ml.MetaLearning().FewShot(learner))
        .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(support);
    string[] predicted = [.. model.Transform(queries).GetColumn<string>("PredictedLabel")];
    Console.WriteLine($"app: {predicted.Zip(classes).Count(pair => pair.First == pair.Second)} of {classes.Length} new pictures right");

    // The whole pipeline against the backbone alone, in turns.
    var alone = backbone.Fit(support);
    var (whole, bare) = (new List<double>(), new List<double>());
    for (var round = 0; round < 7; round++)
    {
        whole.Add(Milliseconds(() => model.Transform(queries).GetColumn<string>("PredictedLabel").ToArray()) / classes.Length);
        bare.Add(Milliseconds(() => alone.Transform(queries).GetColumn<float[]>("Features").ToArray()) / classes.Length);
    }

    Console.WriteLine($"app: {Median(whole):F1} ms a picture from pixels to class, {Median(bare):F1} ms of it the backbone");

    var path = Path.Combine(options.Output, "adapted.onnx");
    ml.MetaLearning().SaveAsOnnx(model, support.Schema, path);
    Console.WriteLine($"app: pixels to class in one file, {new FileInfo(path).Length / 1e6:F0} MB");

    // Adapting again, with embeddings at hand, takes no backbone.
    var all = ml.Data.CreateEnumerable<LabelledEmbedding>(
        ml.Transforms.Conversion.MapKeyToValue("Label").Fit(embeddings).Transform(embeddings), reuseRowObject: false).ToArray();
    var five = View(ml, all.DistinctBy(row => row.Label).Take(5), all[0].Features.Length);
    var rows = ml.Transforms.Conversion.MapValueToKey("Label").Fit(five).Transform(five);
    var trainer = ml.MetaLearning().FewShot(learner);
    var times = Enumerable.Range(0, 21).Select(_ => Milliseconds(() =>
    {
        trainer.Fit(rows).Dispose();
        return null;
    }));
    Console.WriteLine($"app: {Median(times):F1} ms to adapt to a task from its embeddings");

    static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    static double Milliseconds(Func<object?> act)
    {
        var clock = Stopwatch.StartNew();
        _ = act();
        return clock.Elapsed.TotalMilliseconds;
    }
}

static IDataView View(MLContext ml, IEnumerable<LabelledEmbedding> rows, int width)
{
    var schema = SchemaDefinition.Create(typeof(LabelledEmbedding));
    schema[nameof(LabelledEmbedding.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
    return ml.Data.LoadFromEnumerable(rows, schema);
}

static Baseline LogisticRegression(MLContext ml) => new(
    "Logistic regression (LbfgsMaximumEntropy)", [.. new[] { 0.001f, 0.01f, 0.1f, 1f }.Select(l2 => (
        $"L2 {l2}", (IEstimator<ITransformer>)ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
            new LbfgsMaximumEntropyMulticlassTrainer.Options { L1Regularization = 0, L2Regularization = l2, NumberOfThreads = 1 })))]);

/// <summary>An embedded picture.</summary>
internal sealed class LabelledEmbedding
{
    public string Label { get; set; } = "";

    public float[] Features { get; set; } = [];
}
