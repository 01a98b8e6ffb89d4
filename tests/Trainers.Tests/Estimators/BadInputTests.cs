using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

/// <summary>What cannot be learned from is refused, with what is wrong, the value, what is allowed and what to do.</summary>
public sealed class BadInputTests
{
    private readonly MLContext _ml = new(1);

    public static TheoryData<string, Func<MetaTrainingOptions, MetaTrainingOptions>, string, string> OutOfRange
    {
        get
        {
            var data = new TheoryData<string, Func<MetaTrainingOptions, MetaTrainingOptions>, string, string>();
            foreach (var learner in (string[])["ComplexSynapse", "DualSystem", "SpikingNetwork"])
            {
                Add(o => o.WithTasks(TinyTraining.Tasks with { SupportRows = 0 }), "Tasks.SupportRows must be at least 1", "0");
                Add(o => o.WithTasks(TinyTraining.Tasks with { QueryRows = -1 }), "Tasks.QueryRows must be at least 1", "-1");
                Add(o => o.WithAdaptation(a => a with { Steps = 0 }), "Adaptation.Steps must be at least 1", "0");
                Add(o => o.WithAdaptation(a => a with { StepsInApp = 0 }), "Adaptation.StepsInApp must be at least 1", "0");
                AddTraining(
                    t => t with { Schedule = (LearningRateSchedule)(-1) }, "Schedule must be one of Constant, Cosine, Linear", "-1");
                AddTraining(t => t with { SelectBy = (ValidationMetric)2 }, "SelectBy must be one of Loss, Error", "2");
                AddTraining(t => t with { Steps = -1 }, "Steps must be at least 0", "-1");
                AddTraining(t => t with { Patience = 0 }, "Patience must be at least 1", "0");
                AddTraining(t => t with { TasksPerStep = 0 }, "TasksPerStep must be at least 1", "0");
                AddTraining(t => t with { GradientClippingNorm = -1 }, "GradientClippingNorm must be a finite number above 0", "-1");
                AddTraining(t => t with { AveragingDecay = 1 }, "AveragingDecay must be at least 0 and below 1", "1");
                AddTraining(t => t with { AveragingDecay = double.NaN }, "AveragingDecay must be at least 0 and below 1", "NaN");
                AddTraining(t => t with { ValidationFraction = 0.6 }, "ValidationFraction must be above 0 and at most 0.5", "0.6");
                AddTraining(t => t with { ValidationFraction = 0 }, "ValidationFraction must be above 0 and at most 0.5", "0");
                AddTraining(t => t with { ValidationTasks = 0 }, "ValidationTasks must be at least 1", "0");
                AddTraining(t => t with { ValidationInterval = 0 }, "ValidationInterval must be at least 1", "0");
                AddTraining(
                    t => t with { Augmentation = new(new(1, 4, 3)) { MaximumShift = 3 } },
                    "Augmentation.MaximumShift must be at least 0 and less than 3", "3");
                Add(
                    o => o.WithTraining(t => t with { Augmentation = new(new(1, 1, 1)) }),
                    "Standardize must be false with Training.Augmentation", "True");
                AddTraining(t => t with { Augmentation = new(new(1, 0, 3)) }, "Augmentation.Image.Height must be at least 1", "0");
                Add(
                    o => o with { Checkpoint = new("c") { Interval = TimeSpan.Zero } }, "Checkpoint.Interval must be longer than zero",
                    "00:00:00");
                Add(o => o.WithCoverage(1), "IntervalCoverage must be at least 0 and below 1", "1");
                Add(o => o.WithCoverage(-0.1), "IntervalCoverage must be at least 0 and below 1", "-0.1");
                Add(o => o with { Checkpoint = new(" ") }, "Checkpoint.Path must be the path of a file", " ");

                void Add(Func<MetaTrainingOptions, MetaTrainingOptions> change, string message, string value) =>
                    data.Add(learner, change, message, value);

                void AddTraining(Func<TrainingOptions, TrainingOptions> change, string message, string value) =>
                    Add(o => o.WithTraining(change), $"Training.{message}", value);
            }

            AddSynapse(o => o with { Tasks = new Episodes { Ways = 1 } }, "Tasks.Ways must be at least 2", "1");
            AddSynapse(o => o with { Tasks = new Episodes { Shots = 0 } }, "Tasks.Shots must be at least 1", "0");
            AddSynapse(
                o => o with { Tasks = new Episodes { Shots = (5, 2) } },
                    "Tasks.Shots must be at least 1, or a range that starts at 1 or above",
                "5 to 2");
            AddSynapse(o => o with { ConsolidationStrength = -1 }, "ConsolidationStrength must be a finite number of at least 0", "-1");
            AddSynapse(o => o with { FastParameters = (FastParameters)5 }, "FastParameters must be one of All, Head, Body", "5");
            AddNetwork(new MultilayerPerceptron { HiddenUnits = [4, 0] }, "HiddenUnits must be at least 1", "0");
            AddNetwork(
                new MultilayerPerceptron { Activation = (Activation)77 }, "Activation must be one of Relu, Tanh, Gelu, Sigmoid, Silu",
                "77");
            AddNetwork(new ConvolutionalNetwork(new(0, 4, 4)), "Image.Channels must be at least 1", "0");
            AddNetwork(Images(0, 4), "Image.Height must be at least 1", "0");
            AddNetwork(Images(4, -1), "Image.Width must be at least 1", "-1");
            AddNetwork(Images(4, 4) with { Filters = [8, 0] }, "Filters must be at least 1", "0");
            AddNetwork(Images(4, 4) with { Filters = [] }, "Filters.Count must be at least 1", "0");
            AddNetwork(Images(4, 4) with { Stride = 0 }, "Stride must be at least 1", "0");
            AddNetwork(Images(4, 4) with { Pooling = 0 }, "Pooling must be at least 1", "0");
            AddNetwork(Images(28, 8) with { Stride = 1, Pooling = 2 }, "Pooling must be small enough for 4 blocks of stride 1", "2");
            AddNetwork(
                Images(4, 4) with { Normalization = (ImageNormalization)7 },
                "Normalization must be one of None, Layer, Instance, Transductive", "7");
            AddSynapse(
                o => o with { Network = Images(4, 4) with { Normalization = ImageNormalization.Transductive } },
                "Network must be without Transductive normalisation if tasks have different numbers of rows",
                $"{Images(4, 4) with { Normalization = ImageNormalization.Transductive }}");
            data.Add(
                "DualSystem", o =>
                    ((DualSystemTrainer.Options)o) with { ModulatedLayers = -1 }, "ModulatedLayers must be at least 0", "-1");
            data.Add(
                "DualSystem", o => ((DualSystemTrainer.Options)o) with { ModulationPull = -0.5 },
                "ModulationPull must be a finite number of at least 0", "-0.5");
            AddSpikingNetwork(n => n with { Neurons = 0 }, "Neurons must be at least 1", "0");
            AddSpikingNetwork(n => n with { TimeSteps = 0 }, "TimeSteps must be at least 1", "0");
            AddSpikingNetwork(n => n with { MembraneTimeConstant = 0 }, "MembraneTimeConstant must be a finite number above 0", "0");
            AddSpikingNetwork(n => n with { MembraneTimeConstant = -30 }, "MembraneTimeConstant must be a finite number above 0", "-30");
            AddSpikingNetwork(
                n => n with { ReadoutTimeConstant = double.NaN }, "ReadoutTimeConstant must be a finite number above 0", "NaN");
            AddSpikingNetwork(n => n with { Threshold = 0 }, "Threshold must be a finite number above 0", "0");
            AddEncoding(new() { Neurons = 1 }, "Neurons must be at least 2", "1");
            AddEncoding(new() { Width = 0 }, "Width must be a finite number above 0", "0");
            AddEncoding(new() { Minimum = 2, Maximum = 2 }, "Minimum must be a finite number below Maximum, or both null", "2 to 2");
            AddEncoding(new() { Minimum = 2 }, "Minimum must be a finite number below Maximum, or both null", "2 to ");
            AddEncoding(
                new() { Minimum = 0, Maximum = double.PositiveInfinity }, "Minimum must be a finite number below Maximum", "0 to Infinity");
            AddSpiking(
                o => o with { LearningRule = (SpikingRule)7 },
                "LearningRule must be one of EProp, OnlineEProp, BackpropagationThroughTime", "7");
            AddSpiking(o => o with { Error = (SpikingError)(-2) }, "Error must be one of EveryStep, TimeAverage", "-2");
            AddSpiking(o => o with { FiringRateStrength = -1 }, "FiringRateStrength must be a finite number of at least 0", "-1");
            AddSpiking(o => o with { FiringRateTarget = 1.5 }, "FiringRateTarget must be from 0 to 1 spikes per time step", "1.5");
            AddSpiking(o => o with { ConsolidationStrength = -0.1 }, "ConsolidationStrength must be a finite number of at least 0", "-0.1");
            return data;

            void AddSynapse(Func<ComplexSynapseTrainer.Options, MetaTrainingOptions> change, string message, string value) =>
                data.Add("ComplexSynapse", o => change((ComplexSynapseTrainer.Options)o), message, value);

            void AddNetwork(NetworkOptions network, string message, string value) =>
                AddSynapse(o => o with { Network = network }, $"Network.{message}", value);

            void AddSpiking(Func<SpikingNetworkTrainer.Options, SpikingNetworkTrainer.Options> change, string message, string value) =>
                data.Add("SpikingNetwork", o => change((SpikingNetworkTrainer.Options)o), message, value);

            void AddSpikingNetwork(Func<SpikingNetwork, SpikingNetwork> change, string message, string value) =>
                AddSpiking(o => o with { Network = change(o.Network) }, $"Network.{message}", value);

            void AddEncoding(PopulationCode code, string message, string value) =>
                AddSpikingNetwork(n => n with { Encoding = code }, $"Encoding.{message}", value);
        }
    }

    [Fact]
    public void Create_ShotsOfARegressionOrBesideSupportRows_NamesTheAlternative()
    {
        var shots = TinyTraining.Tasks with { SupportRows = null, Shots = (1, 5) };
        var regression = Assert.Throws<ArgumentException>(() =>
            TinyTraining.Trainer(_ml, MetaTask.Regression, TinyTraining.OfRegression().WithTasks(shots)));
        Assert.Contains("Tasks.Shots is 1 to 5", regression.Message, StringComparison.Ordinal);
        Assert.Contains("Set SupportRows instead", regression.Message, StringComparison.Ordinal);
        var both = Assert.Throws<ArgumentException>(() => TinyTraining.Trainer(
            _ml, MetaTask.Classification, TinyTraining.OfSharedLabels().WithTasks(shots with { SupportRows = 5 })));
        Assert.Contains("Set only one of them", both.Message, StringComparison.Ordinal);
        _ = TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.OfSharedLabels().WithTasks(shots));
    }

    [Fact]
    public void Create_SpikingNetworkWithWhatItCannotServe_NamesTheAlternatives()
    {
        var options = (SpikingNetworkTrainer.Options)TinyTraining.OfRegression("SpikingNetwork");
        MetaGradientRule[] rules = [MetaGradientRule.ConjugateGradient(), MetaGradientRule.NeumannSeries(), MetaGradientRule.T1T2()];
        foreach (var rule in rules)
        {
            Refuses(
                options with { Rule = rule }, $"The rule '{rule.Name}' cannot be used with a spiking network",
                "use Contrastive, Unrolled or FirstOrder");
        }

        Refuses(options with { ConsolidationStrength = 0 }, "ConsolidationStrength 0", "Unrolled, FirstOrder or Reptile");
        Refuses(
            options with { Rule = MetaGradientRule.Contrastive() }, "contrastive rule of a spiking network needs a given strength",
            "strength: 3");
        _ml.MetaLearning().Regression.SpikingNetwork(options with { Rule = MetaGradientRule.Unrolled() });

        void Refuses(SpikingNetworkTrainer.Options refused, params string[] said)
        {
            var refusal = Assert.Throws<ArgumentException>(() => _ml.MetaLearning().Regression.SpikingNetwork(refused));
            Assert.All(said, part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Fit_OfRowsOutsideTheEncodingsRange_NamesTheFirst()
    {
        var options = (SpikingNetworkTrainer.Options)TinyTraining.OfRegression("SpikingNetwork");
        var rows = ManyTasks.Sinusoids(4, 6);
        rows[7].Features[1] = 1e4f;
        var refusal = Assert.Throws<InvalidOperationException>(
            () => TinyTraining.Regression(options with
            {
                Network = options.Network with { Encoding = new PopulationCode { Minimum = -1000, Maximum = 1000 } },
            }, rows));
        Assert.Contains(
            "Row 8 has 10000 in feature column 'Features', element 1, outside the encoding's range from -1000 to 1000", refusal.Message,
            StringComparison.Ordinal);
        Assert.Contains("Widen Minimum and Maximum of the PopulationCode", refusal.Message, StringComparison.Ordinal);
        TinyTraining.Regression(options, rows).Dispose();
    }

    [Fact]
    public void Fit_OfSpikesThatAreNoWholeTrains_SaysWhatARowHolds()
    {
        var tiny = (SpikingNetworkTrainer.Options)TinyTraining.OfRegression("SpikingNetwork");
        var options = tiny with { Network = tiny.Network with { Encoding = null, TimeSteps = 5 } };
        var refusal = Assert.Throws<InvalidOperationException>(() => TinyTraining.Regression(options));
        Assert.Contains("'Features' has 2 values, which is not a multiple of 5 time steps", refusal.Message, StringComparison.Ordinal);
        TinyTraining.Regression(options with { Network = options.Network with { TimeSteps = 2 } }).Dispose();
    }

    private static ConvolutionalNetwork Images(int height, int width) => new(new ImageShape(1, height, width));

    [Fact]
    public void Fit_OnADeviceThatIsNotThere_SaysWhatIsNeeded()
    {
        if (TorchSharp.torch.cuda.is_available())
        {
            return;
        }

        var refusal = Assert.Throws<NotSupportedException>(
            () => TinyTraining.Regression(TinyTraining.OfRegression() with { Compute = Compute.Torch("cuda:0") }));
        Assert.Contains("libtorch finds no CUDA device", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Compute.Torch()", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfImagesOfAnotherShape_NamesBoth()
    {
        var refusal = Assert.Throws<InvalidOperationException>(
            () => TinyTraining.Regression(TinyTraining.Descending() with { Network = Images(4, 5) }));
        Assert.Contains("'Features' has", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("1 × 4 × 5", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Create_OptionOutOfRange_NamesItsValueAndWhatIsAllowed(
        string learner, Func<MetaTrainingOptions, MetaTrainingOptions> change, string message, string value)
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(
            () => TinyTraining.Trainer(_ml, MetaTask.Regression, change(TinyTraining.OfRegression(learner))));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"Actual value was {value}.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OutOfRange_HoldsEveryNumericOption()
    {
        // Any number, time or enumeration but the seed, which may be anything, and Maximum, which is refused with Minimum; in groups of
        // options too. Settings of rules and of what computes are arguments, which their own factories refuse.
        string[] messages = [.. OutOfRange.Select(row => (string)row[2])];
        Type[] roots =
        [
            typeof(ComplexSynapseTrainer.Options), typeof(DualSystemTrainer.Options), typeof(SpikingNetworkTrainer.Options),
            typeof(TaskColumn),
            typeof(Episodes), typeof(MultilayerPerceptron), typeof(ConvolutionalNetwork), typeof(ImageShape), typeof(PopulationCode),
        ];
        var missing = from type in Groups(roots)
                      from option in type.GetProperties()
                      where IsNumber(option.PropertyType) && option.Name is not ("Seed" or nameof(PopulationCode.Maximum))
                          && option.CanWrite
                      where !messages.Any(m => $".{m}".Contains($".{option.Name} must be", StringComparison.Ordinal))
                      select $"{type.Name}.{option.Name}";
        Assert.Empty(missing);

        static IEnumerable<Type> Groups(IEnumerable<Type> types) => types
            .SelectMany(
                type => type.GetProperties().Select(p => p.PropertyType).Where(IsGroup).SelectMany(group => Groups([group])).Prepend(type))
            .Distinct();

        static bool IsGroup(Type type) =>
            type.Namespace == "MLNetMeta.Trainers" && type.Name != nameof(Optimizer) && !type.IsEnum && !type.IsInterface;

        static bool IsNumber(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var plain
            && (plain == typeof(int) || plain == typeof(double) || plain == typeof(TimeSpan) || plain.IsEnum);
    }

    [Fact]
    public void Torch_ArgumentOutOfRange_NamesItsValueAndWhatIsAllowed()
    {
        Refused(() => Compute.Torch("gpu"), "device must be cpu, cuda or cuda:N", "gpu");
        Refused(() => Compute.Torch(threads: 0), "threads must be at least 1", "0");
        Refused(() => Compute.Torch(tasksPerShard: -2), "tasksPerShard must be at least 1", "-2");

        static void Refused(Func<Compute> create, string message, string value)
        {
            var refusal = Assert.Throws<ArgumentOutOfRangeException>(create);
            Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
            Assert.Contains($"Actual value was {value}.", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Create_OptionOfText_MustNameAColumn()
    {
        foreach (var (options, name) in ((MetaTrainingOptions, string)[])[
            (TinyTraining.OfRegression() with { LabelColumnName = "" }, "LabelColumnName"),
            (TinyTraining.OfRegression() with { FeatureColumnName = "" }, "FeatureColumnName"),
            (TinyTraining.OfRegression().WithTasks(new TaskColumn("")), "Tasks.Name")])
        {
            var refusal = Assert.Throws<ArgumentException>(() => TinyTraining.Trainer(_ml, MetaTask.Regression, options));
            Assert.Contains($"{name} must be the name of a column, got an empty string", refusal.Message, StringComparison.Ordinal);
        }

        var missing = Assert.Throws<ArgumentException>(
            () => TinyTraining.Trainer(_ml, MetaTask.Regression, TinyTraining.Options("DualSystem")));
        Assert.Contains(
            "Regression needs a task column: set Tasks to new TaskColumn", missing.Message,
            StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<InnerLoopOptions, InnerLoopOptions>> Nulls => new()
    {
        { "Tasks", o => o with { Tasks = null! } },
        { "Network", o => o with { Network = null! } },
        { "Network.HiddenUnits", o => o with { Network = new MultilayerPerceptron { HiddenUnits = null! } } },
        { "Network.Image", o => o with { Network = new ConvolutionalNetwork(null!) } },
        { "Network.Filters", o => o with { Network = Images(4, 4) with { Filters = null! } } },
        { "Rule", o => o with { Rule = null! } },
        { "Adaptation", o => o with { Adaptation = null! } },
        { "Adaptation.Optimizer", o => o with { Adaptation = new() { Optimizer = null! } } },
        { "Training", o => o with { Training = null! } },
        { "Training.Optimizer", o => o with { Training = new() { Optimizer = null! } } },
        { "Compute", o => o with { Compute = null! } },
    };

    [Theory]
    [MemberData(nameof(Nulls))]
    public void Create_OptionThatIsNull_IsNamed(string name, Func<InnerLoopOptions, InnerLoopOptions> change)
    {
        var refusal = Assert.Throws<ArgumentNullException>(
            () => TinyTraining.Trainer(_ml, MetaTask.Regression, change(TinyTraining.Descending())));
        Assert.Equal(name, refusal.ParamName);
    }

    public static TheoryData<MetaTask, Func<MetaTrainingOptions, MetaTrainingOptions>, string> BadColumns => new()
    {
        { MetaTask.Regression, o => o with { FeatureColumnName = "Nope" }, "Could not find feature column 'Nope'" },
        { MetaTask.Regression, o => o with { LabelColumnName = "Nope" }, "Could not find label column 'Nope'" },
        { MetaTask.Regression, o => o.WithTasks(new TaskColumn("Nope")), "Could not find task column 'Nope'" },

        {
            MetaTask.Regression, o => o with { FeatureColumnName = "Class" },
            "Schema mismatch for feature column 'Class': expected Single or a Vector<Single> of known size, got String"
        },
        { MetaTask.Regression, o => o with { FeatureColumnName = "Key" }, "Schema mismatch for feature column 'Key'" },
        { MetaTask.Regression, o => o with { FeatureColumnName = "Variable" }, "Schema mismatch for feature column 'Variable'" },

        {
            MetaTask.Regression, o => o with { LabelColumnName = "Class" },
            "got String. Targets are numbers. For classes, use ml.MetaLearning().Classification."
        },

        {
            MetaTask.Regression, o => o with { LabelColumnName = "Double" },
            "Schema mismatch for label column 'Double': expected Single or a Vector<Single> of known size, got Double"
        },
        { MetaTask.Regression, o => o with { LabelColumnName = "Key" }, "Schema mismatch for label column 'Key'" },
        { MetaTask.Regression, o => o.WithTasks(new TaskColumn("Labels")), "Schema mismatch for task column 'Labels': expected a scalar" },

        {
            MetaTask.Classification, o => o with { LabelColumnName = "Class" },
            "expected Key<UInt32> or Boolean, got String. Map it to a key: ml.Transforms.Conversion.MapValueToKey(\"Class\")"
        },

        {
            MetaTask.Classification, o => o with { LabelColumnName = "Label" },
            "Schema mismatch for label column 'Label': expected Key<UInt32> or Boolean, got Single"
        },
    };

    [Theory]
    [MemberData(nameof(BadColumns))]
    public void Columns_MissingOrMistyped_AreRefusedAtBothDoors(
        MetaTask task, Func<MetaTrainingOptions, MetaTrainingOptions> change, string message)
    {
        var view = ManyTasks.View(_ml, ManyTasks.Sinusoids(4, 6));
        view = _ml.Transforms.Conversion.ConvertType("Double", "Label", DataKind.Double)
            .Append(
                _ml.Transforms.CustomMapping<Number, Numbers>((from, to) => to.Variable = [from.Label], null)).Fit(view).Transform(view);
        var trainer = TinyTraining.Trainer(_ml, task, change(TinyTraining.OfRegression()));
        var promised = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.GetOutputSchema(Shapes.Of(view.Schema)));
        Assert.Contains(message, promised.Message, StringComparison.Ordinal);
        var actual = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(view));
        Assert.Contains(message, actual.Message, StringComparison.Ordinal);
    }

    private sealed class Number
    {
        public float Label { get; set; }
    }

    private sealed class Numbers
    {
        public float[] Variable { get; set; } = [];
    }

    public static TheoryData<string, string> BadRows => new()
    {
        { "no rows", "has no rows: expected the rows of many tasks" },
        { "one task", "The data has 1 task with at least 2 rows. At least 2 are needed" },
        { "tasks of one row", "The data has 1 task with at least 2 rows (and 3 with fewer: 'machine 1', 'machine 2', 'machine 3')" },
        { "NaN feature", "Row 4 has NaN in feature column 'Features', element 1: expected finite numbers" },
        { "infinite feature", "Row 4 has Infinity in feature column 'Features', element 0" },
        { "NaN label", "Row 5 has NaN in label column 'Label', element 0" },
        { "no task", "Row 5 has no value in task column 'Task'" },
    };

    [Theory]
    [MemberData(nameof(BadRows))]
    public void Rows_ThatCannotBeLearnedFrom_AreRefusedByName(string what, string message)
    {
        var rows = ManyTasks.Sinusoids(4, t => what == "tasks of one row" && t > 0 ? 1 : 6);
        switch (what)
        {
            case "no rows":
                rows = [];
                break;
            case "one task":
                rows = rows[..6];
                break;
            case "NaN feature":
                rows[3].Features[1] = float.NaN;
                break;
            case "infinite feature":
                rows[3].Features[0] = float.PositiveInfinity;
                break;
            case "NaN label":
                rows[4].Label = float.NaN;
                break;
            case "no task":
                rows[4].Task = "";
                break;
        }

        var refusal = Assert.Throws<InvalidOperationException>(() => TinyTraining.Regression(TinyTraining.OfRegression(), rows));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tasks_OfOneRow_AreLeftOutWithAWarningThatNamesThem()
    {
        var warnings = new List<string>();
        _ml.Log += (_, e) => warnings.Add(e.Message);
        var rows = ManyTasks.Sinusoids(8, t => t is 2 or 5 ? 1 : 6);
        var options = TinyTraining.OfRegression();
        using var learner = TinyTraining.Trainer(_ml, MetaTask.Regression, options).Fit(ManyTasks.View(_ml, rows)).Learner;
        Assert.Contains(
            warnings, w => w.Contains(
                "2 of the tasks of column 'Task' have too few rows for an episode and are left out ('machine 2', 'machine 5')",
                StringComparison.Ordinal) && w.Contains("6 are used", StringComparison.Ordinal));

        warnings.Clear();
        _ml.MetaLearning().Regression.Evaluate(
            learner, ManyTasks.View(_ml, rows), new FewShotEvaluationOptions { Tasks = new TaskColumn("Task"), NumberOfEpisodes = 2 });
        Assert.Contains(warnings, w => w.Contains("2 of the tasks of column 'Task'", StringComparison.Ordinal));
    }

    [Fact]
    public void Training_ThatNeverImprovesOnTheStart_IsWarnedOf()
    {
        var warnings = new List<string>();
        _ml.Log += (_, e) => warnings.Add(e.Message);
        var still = TinyTraining.OfRegression().WithTraining(t => t with { Optimizer = Optimizer.Sgd(1e-30), AveragingDecay = 0 });
        using var learner = TinyTraining.Trainer(_ml, MetaTask.Regression, still)
            .Fit(ManyTasks.View(_ml, ManyTasks.Sinusoids(8, 6))).Learner;
        Assert.Contains(warnings, w => w.Contains("The validation loss did not improve in 6 meta-steps", StringComparison.Ordinal));
    }

    [Fact]
    public void Labels_MissingInARow_AreRefused()
    {
        var rows = ManyTasks.Sinusoids(4, 6);
        rows[6].Class = "unheard of";
        var trainer = TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.OfSharedLabels());
        var refusal = Assert.Throws<InvalidOperationException>(() => trainer.Fit(ManyTasks.View(_ml, rows)));
        Assert.Contains("Row 7 has a missing label (key 0) in column 'Key'", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Label", "Label", "Task", "LabelColumnName and FeatureColumnName are both 'Label'")]
    [InlineData("Label", "Features", "Label", "LabelColumnName and TaskColumn are both 'Label'")]
    [InlineData("Label", "Task", "Task", "FeatureColumnName and TaskColumn are both 'Task'")]
    public void Columns_InTwoRoles_AreRefusedWhenTheTrainerIsCreated(string label, string features, string task, string message)
    {
        var options = TinyTraining.OfRegression() with { LabelColumnName = label, FeatureColumnName = features };
        options = options.WithTasks(new TaskColumn(task));
        foreach (var kind in (MetaTask[])[MetaTask.Regression, MetaTask.Classification])
        {
            var refusal = Assert.Throws<ArgumentException>(() => TinyTraining.Trainer(_ml, kind, options));
            Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Labels_OfOneClassInEachTask_AreWarnedOf()
    {
        var warnings = new List<string>();
        _ml.Log += (_, e) => warnings.Add(e.Message);
        var rows = ManyTasks.Sinusoids(6, 6);
        var trainer = TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.OfSharedLabels());
        trainer.Fit(ManyTasks.View(_ml, rows)).Dispose();
        Assert.DoesNotContain(warnings, w => w.Contains("rows of one class only", StringComparison.Ordinal));

        Array.ForEach(rows, r => r.Class = r.Task[^1] % 2 == 0 ? "rising" : "below");
        trainer.Fit(ManyTasks.View(_ml, rows)).Dispose();
        Assert.Contains(warnings, w => w.Contains("Every task of column 'Task' has rows of one class only", StringComparison.Ordinal)
            && w.Contains("'Key' the label", StringComparison.Ordinal));
    }

    [Fact]
    public void Labels_OfOneClass_AreRefused()
    {
        var rows = ManyTasks.Sinusoids(4, 6);
        Array.ForEach(rows, r => r.Class = "rising");
        var shared = TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.OfSharedLabels());
        var refusal = Assert.Throws<InvalidOperationException>(() => shared.Fit(ManyTasks.View(_ml, rows)));
        Assert.Contains(
            "All rows have the label 'rising'. A classifier needs at least two classes", refusal.Message, StringComparison.Ordinal);

        var episodic = TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.Options("DualSystem"));
        refusal = Assert.Throws<InvalidOperationException>(() => episodic.Fit(Blobs.KeyedView(_ml, Blobs.Classes(["A"], 9))));
        Assert.Contains("All rows have the label 'A'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_TooFewOrTooSmall_AreRefused()
    {
        var trainer = TinyTraining.Trainer(
            _ml, MetaTask.Classification, TinyTraining.Options("ComplexSynapse").WithTasks(new Episodes { Ways = 5, Shots = 3 }));
        var few = Assert.Throws<InvalidOperationException>(() => trainer.Fit(Blobs.KeyedView(_ml, Blobs.Classes(["A", "B", "C"], 9))));
        Assert.Contains(
            "The data has 3 classes with at least 4 rows. 5-way 3-shot episodes need at least 5 classes", few.Message,
                StringComparison.Ordinal);

        var rows = Blobs.Classes(["A", "B", "C", "D", "E"], 6);
        var small = Assert.Throws<InvalidOperationException>(
            () => trainer.Fit(Blobs.KeyedView(_ml, rows.Where((r, i) => r.Label != "D" || i < 15))));
        Assert.Contains("The data has 4 classes with at least 4 rows (and 1 with fewer: 'D')", small.Message, StringComparison.Ordinal);
        Assert.Contains("Lower Ways or Shots", small.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_HashedToTwoToThe31Keys_AreRefused()
    {
        var view = ManyTasks.View(_ml, ManyTasks.Sinusoids(4, 6));
        view = _ml.Transforms.Conversion.Hash("Hash", "Class", numberOfBits: 31).Fit(view).Transform(view);
        var trainer = TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.OfRegression() with { LabelColumnName = "Hash" });
        var refusal = Assert.Throws<InvalidOperationException>(() => trainer.Fit(view));
        Assert.Contains("Label column 'Hash' has 2147483648 possible keys", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tasks_OfAKeyColumn_MustNotBeMissing()
    {
        var rows = ManyTasks.Sinusoids(4, 6);
        rows[6].Class = "unheard of";
        var trainer = TinyTraining.Trainer(_ml, MetaTask.Regression, TinyTraining.OfRegression().WithTasks(new TaskColumn("Key")));
        var refusal = Assert.Throws<InvalidOperationException>(() => trainer.Fit(ManyTasks.View(_ml, rows)));
        Assert.Contains("no value in task column 'Key'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_ThatDiverges_SaysWhereAndWhatToDo()
    {
        var options = TinyTraining.OfRegression().WithAdaptation(_ => new() { Optimizer = Optimizer.Sgd(1e6), Steps = 20 });
        var failure = Assert.Throws<InvalidOperationException>(() => TinyTraining.Regression(options));
        Assert.Contains("diverged", failure.Message, StringComparison.Ordinal);
        Assert.Contains("meta-step", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Lower the inner learning rate (it is 1000000)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfNull_IsRefused()
    {
        var trainer = TinyTraining.Trainer(_ml, MetaTask.Regression, TinyTraining.OfRegression());
        Assert.Throws<ArgumentNullException>(() => trainer.Fit(null!));
        Assert.Throws<ArgumentNullException>(() => trainer.GetOutputSchema(null!));
        Assert.Throws<ArgumentNullException>(() => _ml.MetaLearning().Regression.ComplexSynapse((ComplexSynapseTrainer.Options)null!));
        Assert.Throws<ArgumentNullException>(() => _ml.MetaLearning().Classification.DualSystem((DualSystemTrainer.Options)null!));
    }
}
