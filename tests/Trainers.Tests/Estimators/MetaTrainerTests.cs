using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

/// <summary>What every meta-training estimator does.</summary>
public sealed class MetaTrainerTests
{
    /// <summary>
    /// Standardising shifted features again rounds them differently in float32; a few steps of training and adaptation pass that on.
    /// </summary>
    private const double Restandardised = 1e-3;

    private readonly MLContext _ml = new(1);

    public static TheoryData<string> Learners => TinyTraining.Learners;

    public static TheoryData<string> RegressionLearners => TinyTraining.RegressionLearners;

    [Theory]
    [MemberData(nameof(RegressionLearners))]
    public void Fit_Regression_GivesALearnerThatAdapts(string learnerName)
    {
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression(learnerName));
        Assert.Equal(
            (learnerName, MetaTask.Regression, 2, 1, 4),
            (learner.Kind, learner.Task, learner.FeatureCount, learner.OutputCount, learner.Steps));
        var task = ManyTasks.View(_ml, ManyTasks.Sinusoids(1, 10, seed: 9));
        var scored = _ml.MetaLearning().FewShot(learner).Fit(task).Transform(task);
        Assert.All(scored.GetColumn<float>("Score"), score => Assert.True(float.IsFinite(score)));
    }

    [Theory]
    [MemberData(nameof(RegressionLearners))]
    public void Fit_VectorLabels_GivesALearnerOfSeveralOutputs(string learnerName)
    {
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression(learnerName) with { LabelColumnName = "Labels" });
        Assert.Equal(2, learner.OutputCount);
        var task = ManyTasks.View(_ml, ManyTasks.Sinusoids(1, 10, seed: 9));
        var scored = _ml.MetaLearning().FewShot(learner, "Labels").Fit(task).Transform(task);
        Assert.All(scored.GetColumn<float[]>("Score"), score => Assert.Equal(2, score.Length));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_ClassificationWithATaskColumn_SharesTheClassesOfTheKey(string learnerName)
    {
        using var learner = TinyTraining.SharedLabels(TinyTraining.OfSharedLabels(learnerName));
        Assert.Equal(LabelSemantics.Shared, learner.Labels);
        Assert.Equal(["below", "falling", "rising"], learner.Classes);
        var task = ManyTasks.View(_ml, ManyTasks.Sinusoids(1, 10, seed: 9));
        var scored = _ml.MetaLearning().FewShot(learner, "Key").Fit(task).Transform(task);
        Assert.All(scored.GetColumn<float[]>("Score"), score => Assert.Equal(1, score.Sum(), 1e-5f));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_ClassificationWithoutATaskColumn_GivesALearnerOfAnyClasses(string learnerName)
    {
        using var learner = TinyTraining.Episodes(TinyTraining.Options(learnerName));
        Assert.Equal((LabelSemantics.Episodes, null), (learner.Labels, learner.OutputCount));
        foreach (var classes in (int[])[2, 5])
        {
            var task = Blobs.KeyedView(_ml, Blobs.Classes([.. TinyTraining.Letters.Take(classes)], 3, seed: 4));
            var scored = _ml.MetaLearning().FewShot(learner).Fit(task).Transform(task);
            Assert.All(scored.GetColumn<float[]>("Score"), score => Assert.Equal(classes, score.Length));
        }
    }

    [Theory]
    [MemberData(nameof(RegressionLearners))]
    public void Fit_WithoutSteps_GivesTheLearnerOfTheSeedNotMetaTrained(string learnerName)
    {
        var history = new MetaTrainingHistory();
        var options = TinyTraining.OfRegression(learnerName);
        using var first = TinyTraining.Regression(options.WithTraining(t => t with { Steps = 0, Progress = history }));
        using var again = TinyTraining.Regression(options.WithTraining(t => t with { Steps = 0, TasksPerStep = 2 }));
        using var trained = TinyTraining.Regression(options);
        Assert.Equal(0, Assert.Single(history.Reports).Step);
        Assert.True(first.File.Span.SequenceEqual(again.File.Span), "No step was taken, so tasks of a step make no difference.");
        Assert.False(first.File.Span.SequenceEqual(trained.File.Span), "Steps change the learner.");
    }

    [Fact]
    public void Fit_KeysWithoutNames_NumbersTheClasses()
    {
        var rows = _ml.Data.LoadFromEnumerable(
            ManyTasks.Sinusoids(6, 12).Select(
                (r, i) => new KeyedRow { Task = r.Task, Features = r.Features, Label = (uint)i % 3 }).ToArray());
        using var shared = TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.OfRegression()).Fit(rows);
        Assert.Equal(["1", "2", "3"], shared.Learner.Classes);
        var options = new FewShotEvaluationOptions { Tasks = new TaskColumn("Task") { SupportRows = 5 }, NumberOfEpisodes = 4 };
        Assert.Equal(4, _ml.MetaLearning().Classification.Evaluate(shared.Learner, rows, options).Episodes.Count);

        using var episodic = TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.Options("ComplexSynapse")).Fit(rows);
        var scored = _ml.MetaLearning().FewShot(episodic.Learner).Fit(rows).Transform(rows);
        Assert.All(scored.GetColumn<float[]>("Score"), score => Assert.Equal(3, score.Length));
    }

    private sealed class KeyedRow
    {
        public string Task { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [KeyType(3)]
        public uint Label { get; set; }
    }

    [Fact]
    public void Fit_SparseFeatures_GivesTheLearnerOfDenseOnes()
    {
        var rows = ManyTasks.Sinusoids(6, 8);
        var schema = SchemaDefinition.Create(typeof(SparseRow));
        schema[nameof(SparseRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        var sparse = _ml.Data.LoadFromEnumerable(
            rows.Select(
                (r, i) => new SparseRow
                {
                    Task = r.Task, Label = r.Label, Features = new VBuffer<float>(2, 1, [r.Features[0]], [i % 2]),
                }).ToArray(), schema);
        foreach (var (row, i) in rows.Select((r, i) => (r, i)))
        {
            row.Features = i % 2 == 0 ? [row.Features[0], 0] : [0, row.Features[0]];
        }

        var options = TinyTraining.OfRegression();
        using var dense = TinyTraining.Regression(options, rows);
        using var model = TinyTraining.Trainer(_ml, MetaTask.Regression, options).Fit(sparse);
        Assert.Equal(Bytes(dense), Bytes(model.Learner));
    }

    private sealed class SparseRow
    {
        public string Task { get; set; } = "";

        public float Label { get; set; }

        public VBuffer<float> Features { get; set; }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(8)]
    public void Fit_TasksOfDifferentSizes_UsesThemAll(int task)
    {
        // Standardisation would carry a change of any row into the learner.
        var options = TinyTraining.OfRegression() with { Standardize = false };
        var rows = ManyTasks.Sinusoids(9, t => 2 + (t * 3));
        using var learner = TinyTraining.Regression(options, rows);
        foreach (var row in rows.Where(r => r.Task == rows.Select(other => other.Task).Distinct().ElementAt(task)))
        {
            row.Label += 1;
        }

        using var other = TinyTraining.Regression(options, rows);
        Assert.NotEqual(Bytes(learner), Bytes(other));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_ShiftedAndScaledData_GivesShiftedAndScaledPredictions(string learnerName)
    {
        var plain = Predictions(rows => rows);
        var other = Predictions(rows =>
        {
            foreach (var row in rows)
            {
                row.Features = [(row.Features[0] * 20) + 100, row.Features[1] * 0.01f];
                row.Label = (row.Label * 5) - 30;
            }

            return rows;
        });
        Tolerance.AssertClose([.. other.Select(p => (p + 30) / 5)], plain, Restandardised);

        double[] Predictions(Func<ManyTasks.Row[], ManyTasks.Row[]> change)
        {
            using var learner = TinyTraining.Regression(TinyTraining.OfRegression(learnerName), change(ManyTasks.Sinusoids(10, 12)));
            var task = ManyTasks.View(_ml, change(ManyTasks.Sinusoids(1, 10, seed: 9)));
            return [.. _ml.MetaLearning().FewShot(learner).Fit(task).Transform(task).GetColumn<float>("Score").Select(s => (double)s)];
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fit_WithOrWithoutStandardisation_WritesItIntoTheLearner(bool standardize)
    {
        var rows = ManyTasks.Sinusoids(10, 12);
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression() with { Standardize = standardize }, rows);
        for (var slot = 0; slot < 2; slot++)
        {
            AssertScale("features", slot, [.. rows.Select(r => (double)r.Features[slot])]);
        }

        AssertScale("targets", 0, [.. rows.Select(r => (double)r.Label)]);

        void AssertScale(string of, int slot, double[] values)
        {
            var mean = standardize ? values.Average() : 0;
            var scale = standardize ? Math.Sqrt(values.Average(v => (v - mean) * (v - mean))) : 1;
            Assert.Equal(mean, Number($"{of}.mean", slot), 1e-5);
            Assert.Equal(scale, Number($"{of}.scale", slot), 1e-5);
        }

        double Number(string name, int slot)
        {
            var tensor = ModelProto.Parser.ParseFrom(Bytes(learner)).Graph.Initializer.Single(i => i.Name == name);
            return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.RawData.Span)[slot];
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_UnderASeed_IsBitEqualOnAnyNumberOfThreads(string learnerName)
    {
        var options = TinyTraining.OfRegression(learnerName);
        using var first = TinyTraining.Regression(options);
        using var again = TinyTraining.Regression(options);
        using var oneThread = TinyTraining.Regression(options.WithThreads(1));
        using var fiveThreads = TinyTraining.Regression(options.WithThreads(5));
        using var otherSeed = TinyTraining.Regression(options.WithTraining(t => t with { Seed = 2 }));
        Assert.Equal(Bytes(first), Bytes(again));
        Assert.Equal(Bytes(first), Bytes(oneThread));
        Assert.Equal(Bytes(first), Bytes(fiveThreads));
        Assert.NotEqual(Bytes(first), Bytes(otherSeed));
    }

    [Fact]
    public void Fit_WithoutASeed_TakesThatOfTheContext()
    {
        using var first = Of(5);
        using var again = Of(5);
        using var other = Of(6);
        Assert.Equal(Bytes(first), Bytes(again));
        Assert.NotEqual(Bytes(first), Bytes(other));

        static Learner Of(int seed)
        {
            var ml = new MLContext(seed);
            return TinyTraining.Trainer(ml, MetaTask.Regression, TinyTraining.OfRegression().WithTraining(t => t with { Seed = null }))
                .Fit(ManyTasks.View(ml, ManyTasks.Sinusoids(6, 10))).Learner;
        }
    }

    [Fact]
    public void Fit_Twice_GivesTheSameLearner()
    {
        var trainer = TinyTraining.Trainer(_ml, MetaTask.Regression, TinyTraining.OfRegression().WithTraining(t => t with { Seed = null }));
        var view = ManyTasks.View(_ml, ManyTasks.Sinusoids(6, 10));
        using var first = trainer.Fit(view);
        using var second = trainer.Fit(view);
        Assert.Equal(Bytes(first.Learner), Bytes(second.Learner));
    }

    [Fact]
    public void Fit_WithProgress_ReportsEachValidation()
    {
        var history = new MetaTrainingHistory();
        using var learner = TinyTraining.Regression(
            TinyTraining.OfRegression().WithTraining(t => t with { Progress = history, Steps = 5 }));
        Assert.Equal([0, 2, 4, 5], history.Reports.Select(r => r.Step));
        Assert.All(history.Reports, r => Assert.Equal(5, r.TotalSteps));
        Assert.All(history.Reports, r => Assert.True(double.IsFinite(r.ValidationLoss)));
        Assert.All(
            history.Reports.Skip(1),
            r => Assert.True(r.TrainingLoss > 0 && r.GradientNorm > 0 && r.FreeResidual > 0 && r.NudgedResidual > 0 && r.LearningRate > 0));
        Assert.Equal(
            history.Reports.Select((_, i) => history.Reports.Take(i + 1).Min(r => r.ValidationLoss)),
            history.Reports.Select(r => r.BestValidationLoss));

        var frame = history.ToDataFrame();
        Assert.Equal(
            [
                "Step", "TrainingLoss", "ValidationLoss", "ValidationAccuracy", "Gain", "GainInterval95", "GradientNorm", "FreeResidual",
                "NudgedResidual", "LearningRate", "Seconds",
            ],
            frame.Columns.Select(c => c.Name));
        Assert.Equal(4, frame.Rows.Count);
        Assert.Equal(history.Reports[2].ValidationLoss, frame["ValidationLoss"][2]);
        Assert.All(["TrainingLoss", "GradientNorm", "FreeResidual", "NudgedResidual"], column => Assert.Null(frame[column][0]));
        Assert.Equal(4, frame["ValidationAccuracy"].NullCount);
        Assert.Equal(history.Reports[^1].Gain, frame["Gain"][3]);
    }

    [Fact]
    public void Fit_Logging_TellsTheDataAndTheLosses()
    {
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        using var model = TinyTraining.Trainer(_ml, MetaTask.Regression, TinyTraining.OfRegression()).Fit(
            ManyTasks.View(_ml, ManyTasks.Sinusoids(10, 12)));
        Assert.Contains(messages, m => m.Contains("120 rows of 2 features; 8 tasks to train, 2 to validate", StringComparison.Ordinal));
        Assert.Contains(messages, m => m.Contains("Meta-step 0 of 6: validation loss", StringComparison.Ordinal));
        Assert.Contains(messages, m => m.Contains("Meta-step 6 of 6: training loss", StringComparison.Ordinal));
        Assert.Contains(messages, m => m.Contains("Meta-training gained ", StringComparison.Ordinal));
        Assert.DoesNotContain(messages, m => m.Contains("NaN", StringComparison.Ordinal));
        Assert.DoesNotContain(messages, m => m.Contains("accuracy", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(EngineName.Torch)]
    [InlineData(EngineName.OnnxRuntime)]
    public void Fit_OfClasses_TellsTheAccuracy(EngineName engine)
    {
        var history = new MetaTrainingHistory();
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(10, 12));
        using var model = TinyTraining.Trainer(
            _ml, MetaTask.Classification,
            TinyTraining.OfRegression("DualSystem").WithTraining(t => t with { Progress = history })
                .WithRule(MetaGradientRule.Contrastive(0.1, nudgedSteps: 3)) with
            {
                Compute = engine == EngineName.Torch ? Compute.Torch() : Compute.OnnxRuntime(),
            }).Fit(_ml.Transforms.Conversion.MapValueToKey("Label", "Class").Fit(rows).Transform(rows));
        Assert.All(history.Reports, r => Assert.InRange(r.ValidationAccuracy!.Value, 0, 1));
        Assert.Contains(messages, m => m.Contains("accuracy ", StringComparison.Ordinal));
    }

    /// <summary>What computes a meta-training.</summary>
    public enum EngineName
    {
        Torch,
        OnnxRuntime,
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void GetOutputSchema_OfTheTrainer_IsWhatTheModelGives(string learnerName)
    {
        var trainer = TinyTraining.Trainer(_ml, MetaTask.Regression, TinyTraining.OfRegression(learnerName));
        var view = ManyTasks.View(_ml, ManyTasks.Sinusoids(4, 8));
        var promised = trainer.GetOutputSchema(Shapes.Of(view.Schema));
        using var model = trainer.Fit(view);
        Assert.Equal(view.Schema.Select(c => c.Name), promised.Select(c => c.Name));
        Assert.Equal(view.Schema.Select(c => (c.Name, c.Type)), model.Transform(view).Schema.Select(c => (c.Name, c.Type)));
        Assert.Equal(view.Schema.Select(c => (c.Name, c.Type)), model.GetOutputSchema(view.Schema).Select(c => (c.Name, c.Type)));
    }

    [Fact]
    public void Append_ToAPipelineOfStockTransforms_MetaTrainsOnWhatTheyMake()
    {
        var rows = ManyTasks.Sinusoids(6, 12).Select(
            (r, i) => new RawRow { Task = i / 12, X = r.Features[0], Colour = i % 3 == 0 ? "red" : "blue", Verdict = r.Class });
        var pipeline = _ml.Transforms.Categorical.OneHotEncoding("Colour")
            .Append(_ml.Transforms.Concatenate("Features", "X", "Colour"))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Verdict"))
            .Append(TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.OfRegression("DualSystem")));
        var view = _ml.Data.LoadFromEnumerable(rows);
        using var model = pipeline.Fit(view);
        var learner = model.LastTransformer.Learner;
        Assert.Equal(3, learner.FeatureCount);
        Assert.Equal(["below", "falling", "rising"], learner.Classes.Order());
        Assert.Equal(
            pipeline.GetOutputSchema(Shapes.Of(view.Schema)).Select(c => c.Name).Distinct(),
            model.Transform(view).Schema.Select(c => c.Name).Distinct());
    }

    private sealed class RawRow
    {
        public int Task { get; set; }

        public float X { get; set; }

        public string Colour { get; set; } = "";

        public string Verdict { get; set; } = "";
    }

    [Fact]
    public void ShortOverloads_OfBothCatalogs_SetTheirOptions()
    {
        var catalog = _ml.MetaLearning();
        var view = ManyTasks.View(_ml, ManyTasks.Sinusoids(4, 8));
        var shape = Shapes.Of(view.Schema);
        IEstimator<LearnerTransformer>[] trainers =
        [
            catalog.Regression.ComplexSynapse("Task"), catalog.Regression.DualSystem("Task"),
            catalog.Classification.ComplexSynapse("Key", taskColumnName: "Task"),
            catalog.Classification.DualSystem("Key", ways: 3, shots: 2),
        ];
        Assert.All(trainers, trainer => Assert.Equal(shape.Select(c => c.Name), trainer.GetOutputSchema(shape).Select(c => c.Name)));
        Assert.Throws<ArgumentOutOfRangeException>(() => catalog.Classification.ComplexSynapse(ways: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => catalog.Classification.DualSystem(shots: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => catalog.Regression.ComplexSynapse("Task", supportRows: 0));
    }

    [Fact]
    public void ShortOverloads_ArgumentsOfTheOtherKindOfTasks_AreRefused()
    {
        var catalog = _ml.MetaLearning().Classification;
        Assert.Contains(
            "ways is 3", Assert.Throws<ArgumentException>(() => catalog.ComplexSynapse(taskColumnName: "Task", ways: 3)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "shots is 3", Assert.Throws<ArgumentException>(() => catalog.DualSystem(taskColumnName: "Task", shots: 3)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "supportRows is 3", Assert.Throws<ArgumentException>(() => catalog.DualSystem(supportRows: 3)).Message,
            StringComparison.Ordinal);
        Assert.NotNull(catalog.DualSystem(taskColumnName: "Task", supportRows: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => catalog.DualSystem(taskColumnName: "Task", supportRows: 0));
    }

    private static byte[] Bytes(Learner learner) => learner.File.ToArray();

    [Fact]
    public void Fit_WithAnAdaptationOfItsOwn_ChangesHowTheAppAdaptsAndNotWhatIsLearned()
    {
        var options = TinyTraining.OfRegression().WithAdaptation(_ => new() { Optimizer = Optimizer.Sgd(0.02), Steps = 6 });
        using var usual = TinyTraining.Regression(options);
        using var other = TinyTraining.Regression(
            options.WithAdaptation(a => a with { OptimizerInApp = Optimizer.Sgd(0.01), StepsInApp = 12 }));
        Assert.Equal((6, 12), (usual.Steps, other.Steps));
        Assert.Contains("0.01", other.InnerOptimizer, StringComparison.Ordinal);
        Assert.DoesNotContain("0.01", usual.InnerOptimizer, StringComparison.Ordinal);
        var (slow, same) = (Initializers(usual), Initializers(other));
        Assert.Equal(slow.Keys.Order(), same.Keys.Order());
        Assert.All(slow, omega => Assert.Equal(omega.Value, same[omega.Key]));

        static Dictionary<string, string> Initializers(Learner learner)
        {
            using var stream = new MemoryStream();
            learner.Save(stream);
            return ModelProto.Parser.ParseFrom(stream.ToArray()).Graph.Initializer
                .Where(i => i.Name.StartsWith("omega.", StringComparison.Ordinal)).ToDictionary(
                    i => i.Name, i => i.RawData.ToBase64() + i.FloatData);
        }
    }

    [Fact]
    public void Fit_OfATransductiveLearner_IsEvaluatedButNeitherSavedNorAdapted()
    {
        var ml = new MLContext(1);
        var rows = Stripes(ml, TinyTraining.Letters);
        var images = ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
        var options = (InnerLoopOptions)TinyTraining.Options("ComplexSynapse") with
        {
            Network = new ConvolutionalNetwork(new ImageShape(1, 4, 4)) { Filters = [3], Normalization = ImageNormalization.Transductive },
        };
        var trained = TinyTraining.Trainer(ml, MetaTask.Classification, options).Fit(images);
        using var learner = trained.Learner;
        var metrics = ml.MetaLearning().Classification.Evaluate(learner, images, new FewShotEvaluationOptions
        {
            Tasks = new Episodes { Ways = 2, Shots = 2, QueryRows = 3 }, NumberOfEpisodes = 4,
        });
        Assert.InRange(metrics.Mean, 0, 1);

        using var stream = new MemoryStream();
        Action[] doors =
            [() => learner.Save(stream), () => ml.MetaLearning().FewShot(learner), () => ml.Model.Save(trained, images.Schema, stream)];
        foreach (var refused in doors)
        {
            var refusal = Assert.Throws<NotSupportedException>(refused);
            Assert.Contains("depend on the other query rows", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("another ImageNormalization", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(TinyTraining.Learners), MemberType = typeof(TinyTraining))]
    public void Fit_WithTheSettingsForImages_GivesALearnerForAnyNumberOfClasses(string kind)
    {
        var ml = new MLContext(1);
        var rows = Stripes(ml, TinyTraining.Letters);
        var images = ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
        var image = new ImageShape(1, 4, 4);
        InnerLoopOptions options = kind == "DualSystem"
            ? DualSystemTrainer.Options.ForImages(image)
            : ComplexSynapseTrainer.Options.ForImages(image);
        var tiny = options.WithTraining(t => t with { Steps = 3, ValidationTasks = 2 }) with
        {
            Tasks = (Episodes)options.Tasks with { Ways = 3 },
        };
        using var learner = TinyTraining.Trainer(ml, MetaTask.Classification, tiny).Fit(images).Learner;
        foreach (var ways in (int[])[2, 8])
        {
            var metrics = ml.MetaLearning().Classification.Evaluate(learner, images, new FewShotEvaluationOptions
            {
                Tasks = new Episodes { Ways = ways, Shots = 1, QueryRows = 3 }, NumberOfEpisodes = 8,
            });
            Assert.InRange(metrics.Mean, 1.5 / ways, 1);
        }
    }

    /// <summary>Class c has a bright row or column of its own.</summary>
    private static IDataView Stripes(MLContext ml, string[] classes) => ml.Data.LoadFromEnumerable(
        from c in Enumerable.Range(0, classes.Length)
        from i in Enumerable.Range(0, 8)
        select new Stripe
        {
            Label = classes[c], Features = [.. Enumerable.Range(0, 16).Select(p => (c < 4 ? p / 4 : p % 4) == c % 4 ? 1f : 0.1f * i)],
        });

    private sealed class Stripe
    {
        public string Label { get; set; } = "";

        [VectorType(16)]
        public float[] Features { get; set; } = [];
    }
}
