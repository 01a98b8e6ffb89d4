using System.Text;
using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, NudgingStencil> Cases => new()
    {
        { "ComplexSynapse", "Adam", NudgingStencil.Symmetric },
        { "ComplexSynapse", "momentum", NudgingStencil.Forward },
        { "DualSystem", "SGD", NudgingStencil.SecondOrder },
        { "DualSystem", "Adam", NudgingStencil.Symmetric },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_CancelledAndResumed_IsBitEqualToAnUninterruptedRun(string learnerName, string optimizer, NudgingStencil stencil)
    {
        var whole = new MetaTrainingHistory();
        var options = TinyTraining.OfRegression(learnerName).WithRule(MetaGradientRule.Contrastive(stencil: stencil, nudgedSteps: 3))
            .WithTraining(t => t with { Optimizer = Zoo.Optimizers[optimizer] });
        using var uninterrupted = TinyTraining.Regression(options.WithTraining(t => t with { Progress = whole }));

        var resuming = options with { Checkpoint = new(_folder.File("run.checkpoint")) };
        Cancelled(resuming, atStep: 2);
        Assert.True(File.Exists(resuming.Checkpoint.Path));
        var history = new MetaTrainingHistory();
        using var resumed = TinyTraining.Regression(resuming.WithTraining(t => t with { Progress = history }));

        Assert.Equal(uninterrupted.File.ToArray(), resumed.File.ToArray());
        // Those before the interruption are brought along.
        Assert.Equal(whole.Reports.Select(r => (r.Step, r.ValidationLoss)), history.Reports.Select(r => (r.Step, r.ValidationLoss)));
    }

    [Fact]
    public void Fit_OfAFinishedCheckpoint_GivesItsLearnerAtOnce()
    {
        var options = TinyTraining.OfRegression() with { Checkpoint = new(_folder.File("run.checkpoint")) };
        using var first = TinyTraining.Regression(options);
        var written = File.ReadAllBytes(options.Checkpoint!.Path);
        using var again = TinyTraining.Regression(options);
        Assert.Equal(first.File.ToArray(), again.File.ToArray());
        Assert.Equal(written, File.ReadAllBytes(options.Checkpoint!.Path));
    }

    [Fact]
    public void Fit_WithoutASeed_ResumesWithThatOfTheCheckpoint()
    {
        var options = TinyTraining.OfRegression().WithTraining(t => t with { Seed = null }) with
        {
            Checkpoint = new(_folder.File("run.checkpoint")),
        };
        Cancelled(options, atStep: 2);
        var ml = new MLContext(99);
        using var resumed = TinyTraining.Trainer(ml, MetaTask.Regression, options).Fit(ManyTasks.View(ml, ManyTasks.Sinusoids(10, 12)));
        Assert.Equal(1, resumed.Learner.OutputCount);
    }

    public static TheoryData<Func<InnerLoopOptions, InnerLoopOptions>, string> OtherOptions => new()
    {
        { o => o.WithTraining(t => t with { Seed = 2 }), "seed: 1 there, 2 here" },
        { o => o.WithUnits(7), "\"hidden\":[7],\"activation\":\"Tanh\"} here" },
        {
            o => o with { Network = new MultilayerPerceptron { HiddenUnits = [6], Activation = Activation.Relu } },
            "\"hidden\":[6],\"activation\":\"Relu\"} here"
        },
        { o => o.WithAdaptation(a => a with { Steps = 5 }), "adaptation: " },
        { o => o.WithRule(MetaGradientRule.Contrastive(0.2, nudgedSteps: 3)), "rule: contrastive" },
        { o => o.WithRule(MetaGradientRule.Contrastive(stencil: NudgingStencil.Forward, nudgedSteps: 3)), "Symmetric, nudged" },
        { o => o.WithRule(MetaGradientRule.Contrastive(nudgedSteps: 4)), "x 4" },
        { o => o.WithRule(MetaGradientRule.NeumannSeries(3, 0.5)), "implicit, Neumann series 3 0.5 here" },
        { o => o.WithTraining(t => t with { Steps = 7 }), "training: " },
        { o => o.WithTraining(t => t with { GradientClippingNorm = 5 }), "clip 5, average" },
        { o => o.WithTraining(t => t with { Patience = null }), "patience none, by Loss here" },
        { o => o.WithTraining(t => t with { Patience = 3, SelectBy = ValidationMetric.Error }), "patience 3, by Error here" },
        { o => o.WithTasks(TinyTraining.Tasks with { SupportRows = 6 }), "tasks: 5 support, 4 query there, 6 support, 4 query here" },
        { o => o with { Standardize = false }, "standardize: True there, False here" },
        { o => o.WithTraining(t => t with { ValidationTasks = 5 }), "validation" },
        { o => o.WithThreads(2, tasksPerShard: 3), "compute: shards of 2 there, shards of 3 here" },
        { o => ((ComplexSynapseTrainer.Options)o) with { ConsolidationStrength = 0.2 },
            "λ 0.2 learned per row, fast All, rates fixed here" },
        { o => ((ComplexSynapseTrainer.Options)o) with { LearnConsolidation = false }, "λ 5 fixed per row, fast All, rates fixed here" },
        { o => o with { LabelColumnName = "Labels" }, "label" },
    };

    [Theory]
    [MemberData(nameof(OtherOptions))]
    public void Fit_OfAnotherTrainingsCheckpoint_IsRefusedNamingTheDifference(
        Func<InnerLoopOptions, InnerLoopOptions> change, string difference)
    {
        var options = TinyTraining.Descending() with { Checkpoint = new(_folder.File("run.checkpoint")) };
        TinyTraining.Regression(options).Dispose();
        var refusal = Assert.Throws<InvalidOperationException>(() => TinyTraining.Regression(change(options)));
        Assert.Contains(difference, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(options.Checkpoint!.Path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("delete the file to start anew", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("feature checksum")]
    [InlineData("label checksum")]
    [InlineData("task checksum")]
    [InlineData("rows")]
    public void Fit_OfOtherData_IsRefusedNamingTheDifference(string difference)
    {
        var options = TinyTraining.OfRegression() with { Checkpoint = new(_folder.File("run.checkpoint")), Standardize = false };
        TinyTraining.Regression(options).Dispose();
        var rows = ManyTasks.Sinusoids(10, 12);
        switch (difference)
        {
            case "feature checksum":
                rows[5].Features[0] += 1;
                break;
            case "label checksum":
                rows[5].Label += 1;
                break;
            case "task checksum":
                rows[5].Task = "machine 7";
                break;
            default:
                rows = rows[1..];
                break;
        }

        var refusal = Assert.Throws<InvalidOperationException>(() => TinyTraining.Regression(options, rows));
        Assert.Contains(difference, refusal.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<byte[], byte[]>> Damages => new()
    {
        { "empty", _ => [] },
        { "cut off", bytes => bytes[..^16] },
        { "cut off by one byte", bytes => bytes[..^1] },
        { "cut off in the header", bytes => bytes[..40] },
        { "too long", bytes => [.. bytes, .. new byte[16]] },
        { "too long by one byte", bytes => [.. bytes, 0] },
        { "one bit flipped in a number", bytes => [.. bytes[..^100], (byte)(bytes[^100] ^ 64), .. bytes[^99..]] },
        { "text", _ => Encoding.UTF8.GetBytes("hello\nworld") },
        { "the first line alone", bytes => bytes[..(Array.IndexOf(bytes, (byte)'\n') + 1)] },
        { "other JSON", _ => Encoding.UTF8.GetBytes("{}\n") },
        { "JSON null", _ => Encoding.UTF8.GetBytes("null\n") },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Fit_OfADamagedCheckpoint_IsRefused(string what, Func<byte[], byte[]> damage)
    {
        var options = TinyTraining.OfRegression() with { Checkpoint = new(_folder.File("run.checkpoint")) };
        TinyTraining.Regression(options).Dispose();
        File.WriteAllBytes(options.Checkpoint!.Path, damage(File.ReadAllBytes(options.Checkpoint!.Path)));
        var refusal = Assert.Throws<FormatException>(() => TinyTraining.Regression(options));
        Assert.True(refusal.Message.Contains("is damaged or not a checkpoint", StringComparison.Ordinal), what);
        Assert.Contains("Delete it to start anew", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfACheckpointPathWithoutAFolder_IsRefusedBeforeTraining()
    {
        var history = new MetaTrainingHistory();
        var options = TinyTraining.OfRegression().WithTraining(t => t with { Progress = history }) with
        {
            Checkpoint = new(Path.Combine(_folder.Path, "missing", "run.checkpoint")),
        };
        var refusal = Assert.Throws<DirectoryNotFoundException>(() => TinyTraining.Regression(options));
        Assert.Contains("missing", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(history.Reports);
    }

    [Fact]
    public void Fit_OfACheckpointPathThatIsAFolder_IsRefusedBeforeTraining()
    {
        var refusal = Assert.Throws<InvalidOperationException>(
            () => TinyTraining.Regression(TinyTraining.OfRegression() with { Checkpoint = new(_folder.Path) }));
        Assert.Contains($"The checkpoint '{_folder.Path}' is a folder", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WhereTheCheckpointCannotBeWrittenForATime_WarnsAndGoesOn()
    {
        using var undisturbed = TinyTraining.Regression(TinyTraining.OfRegression());
        var (learner, warnings, path) = WithoutAFolder(fromStep: 0, untilStep: 4);
        using (learner)
        {
            Assert.Equal(undisturbed.File.ToArray(), learner!.File.ToArray());
        }

        Assert.Contains(
            warnings, w => w.Contains($"The checkpoint '{path}' could not be written at meta-step 1", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.Contains("tries again at the next checkpoint", StringComparison.Ordinal));
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void Fit_WhereTheLastCheckpointCannotBeWritten_WarnsAndGivesTheLearner()
    {
        using var undisturbed = TinyTraining.Regression(TinyTraining.OfRegression());
        var (learner, warnings, path) = WithoutAFolder(fromStep: 4, untilStep: int.MaxValue);
        using (learner)
        {
            Assert.Equal(undisturbed.File.ToArray(), learner!.File.ToArray());
        }

        Assert.Contains(warnings, w => w.Contains($"'{path}' could not be written at meta-step 6", StringComparison.Ordinal)
            && w.Contains("The training is complete: save the learner", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_CancelledWhereTheCheckpointCannotBeWritten_SaysThatItIsLost()
    {
        using var cancellation = new CancellationTokenSource();
        var failure = Assert.Throws<IOException>(() => WithoutAFolder(0, int.MaxValue, cancellation));
        Assert.Contains("Meta-training was cancelled at meta-step 2, and its checkpoint '", failure.Message, StringComparison.Ordinal);
        Assert.Contains("run.checkpoint' could not be written", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Free disk space", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// A meta-training during which the folder of its checkpoint is missing for some steps; cancelled at step 2 where asked to.
    /// </summary>
    private (Learner? Learner, List<string> Warnings, string Path) WithoutAFolder(
        int fromStep, int untilStep, CancellationTokenSource? cancellation = null)
    {
        var (ml, warnings, folder) = (new MLContext(1), new List<string>(), _folder.File("checkpoints"));
        ml.Log += (_, e) => warnings.Add(e.Message);
        Directory.CreateDirectory(folder);
        var options = TinyTraining.OfRegression() with
        {
            Checkpoint = new(Path.Combine(folder, "run.checkpoint")) { Interval = TimeSpan.FromTicks(1) },
            CancellationToken = cancellation?.Token ?? CancellationToken.None,
        };
        options = options.WithTraining(t => t with
        {
            Progress = new Stop(report =>
            {
                if (report.Step == fromStep)
                {
                    Directory.Delete(folder, recursive: true);
                }

                if (report.Step == untilStep)
                {
                    Directory.CreateDirectory(folder);
                }

                if (report.Step == 2)
                {
                    cancellation?.Cancel();
                }
            }),
        });
        var model = TinyTraining.Trainer(ml, MetaTask.Regression, options).Fit(ManyTasks.View(ml, ManyTasks.Sinusoids(10, 12)));
        return (model.Learner, warnings, options.Checkpoint!.Path);
    }

    [Fact]
    public void Fit_CancelledBeforeItStarts_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => TinyTraining.Regression(TinyTraining.OfRegression() with { CancellationToken = cancelled.Token }));
    }

    private static void Cancelled(MetaTrainingOptions options, int atStep)
    {
        using var cancellation = new CancellationTokenSource();
        var stop = new Stop(report =>
        {
            if (report.Step == atStep)
            {
                cancellation.Cancel();
            }
        });
        var cancelling = options.WithTraining(t => t with { Progress = stop }) with { CancellationToken = cancellation.Token };
        Assert.Throws<OperationCanceledException>(() => TinyTraining.Regression(cancelling));
    }

    private sealed class Stop(Action<MetaTrainingProgress> report) : IProgress<MetaTrainingProgress>
    {
        public void Report(MetaTrainingProgress value) => report(value);
    }
}
