using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Improving;

/// <summary>Apps contribute, a server improves: without rows, libtorch or losses.</summary>
public sealed class LearnerImproverTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();
    private readonly Learner _learner = TinyTraining.Regression(Improvable(TinyTraining.Descending()));

    [Theory]
    [MemberData(nameof(TinyTraining.Learners), MemberType = typeof(TinyTraining))]
    public void Improve_OverRounds_LowersTheLossOfTasksThatNobodyContributed(string kind)
    {
        var options = Improvable(TinyTraining.Descending(kind)) with
        {
            Network = new MultilayerPerceptron { HiddenUnits = [24] }, Adaptation = new() { Steps = 10 },
            Training = new() { Steps = 0, Seed = 1, Optimizer = Optimizer.Adam(0.02) },
        };
        using var first = TinyTraining.Regression(options);
        var rows = ManyTasks.Sinusoids(40, 20);
        var others = ManyTasks.View(_ml, ManyTasks.Sinusoids(20, 20, seed: 9));
        using var improver = _ml.MetaLearning().OpenImprover(_folder.Path, first, new ImproverOptions { TasksPerStep = 8 });
        var before = LossOf(first, others);
        for (var round = 0; round < 60; round++)
        {
            using var current = Load(improver);
            // Two apps with four users each, who differ from round to round.
            foreach (var app in (int[])[0, 1])
            {
                var users = Enumerable.Range(0, 4).Select(i => $"machine {((round * 8) + (app * 4) + i) % 40}").ToArray();
                var contribution = _ml.MetaLearning().Contribute(
                    current, ManyTasks.View(_ml, [.. rows.Where(row => users.Contains(row.Task))]), OfTasks);
                Assert.Equal((4, round), (contribution.Tasks, contribution.Revision));
                Assert.Equal(ContributionVerdict.Accepted, improver.Add(contribution).Verdict);
            }

            Assert.True(improver.TryImprove());
        }

        using var last = Load(improver);
        Assert.Equal((60, 480L), (last.Revision, improver.MergedTasks));
        Assert.InRange(LossOf(last, others), 0, 0.85 * before);
    }

    [Fact]
    public void Contribute_OfSeveralTasks_IsTheSumOfThoseOfEach()
    {
        var rows = ManyTasks.Sinusoids(3, 12);
        var options = OfTasks with { Splits = 1, Seed = 3 };
        var together = _ml.MetaLearning().Contribute(_learner, ManyTasks.View(_ml, rows), options);
        Assert.Equal(3, together.Tasks);

        // One generator draws the splits of all tasks, in their order.
        var first = _ml.MetaLearning().Contribute(_learner, ManyTasks.View(_ml, [.. rows.Where(r => r.Task == "machine 0")]), options);
        var firstTwo = _ml.MetaLearning().Contribute(_learner, ManyTasks.View(_ml, [.. rows.Where(r => r.Task != "machine 2")]), options);
        Assert.Equal((1, 2), (first.Tasks, firstTwo.Tasks));
        Assert.True(first.EvaluationLoss < firstTwo.EvaluationLoss && firstTwo.EvaluationLoss < together.EvaluationLoss);
        Assert.NotEqual(first.Gradient.ToArray(), firstTwo.Gradient.ToArray());
    }

    [Fact]
    public void Contribute_WithClipping_IsNoLongerThanItsTasksAllow()
    {
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(3, 12));
        var free = Norm(_ml.MetaLearning().Contribute(_learner, rows, OfTasks));
        var clipped = _ml.MetaLearning().Contribute(_learner, rows, OfTasks with { ClippingNorm = free / 100 });
        Assert.InRange(Norm(clipped), free / 10_000, 3 * free / 100 * 1.0001);
        Assert.NotNull(clipped.EvaluationLoss);
    }

    [Fact]
    public void Contribute_WithNoise_DiffersByAsMuchAsAsked_AndWithholdsTheLoss()
    {
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(2, 12));
        var quiet = _ml.MetaLearning().Contribute(_learner, rows, OfTasks with { ClippingNorm = 0.5 });
        var noisy = _ml.MetaLearning().Contribute(_learner, rows, OfTasks with { ClippingNorm = 0.5, NoiseMultiplier = 40 });
        var again = _ml.MetaLearning().Contribute(_learner, rows, OfTasks with { ClippingNorm = 0.5, NoiseMultiplier = 40 });
        var differences = noisy.Gradient.ToArray().Zip(quiet.Gradient.ToArray(), (a, b) => (double)a - b).ToArray();
        var deviation = Math.Sqrt(differences.Average(d => d * d));
        // Four standard errors of a standard deviation.
        Assert.InRange(deviation / 20, 1 - (4 / Math.Sqrt(2 * differences.Length)), 1 + (4 / Math.Sqrt(2 * differences.Length)));
        Assert.NotEqual(noisy.Gradient.ToArray(), again.Gradient.ToArray());
        Assert.Null(noisy.EvaluationLoss);
    }

    [Fact]
    public void Contribute_OfEpisodes_NumbersTheClassesOfEachTask()
    {
        using var learner = TinyTraining.Episodes(Improvable((InnerLoopOptions)TinyTraining.Options("ComplexSynapse")));
        var view = Blobs.KeyedView(_ml, Blobs.Classes(TinyTraining.Letters, 6));
        var contribution = _ml.MetaLearning().Contribute(learner, view);
        Assert.Equal(1, contribution.Tasks);
        Assert.True(contribution.EvaluationLoss > 0);
    }

    [Fact]
    public void Add_TheSameTwice_CountsOnce_AlsoAfterTheStepAndAReopening()
    {
        var contribution = Contribution();
        using (var improver = Open())
        {
            Assert.Equal(ContributionVerdict.Accepted, improver.Add(contribution).Verdict);
            Assert.Equal(ContributionVerdict.AlreadyKnown, improver.Add(contribution).Verdict);
            Assert.Equal(4, improver.PendingTasks);
            Assert.True(improver.TryImprove());
            var replayed = improver.Add(contribution);
            Assert.Equal((ContributionVerdict.AlreadyKnown, true), (replayed.Verdict, replayed.IsAcknowledged));
        }

        using var reopened = Open();
        Assert.Equal(ContributionVerdict.AlreadyKnown, reopened.Add(contribution).Verdict);
        Assert.Equal((1, 0), (reopened.Current.Number, reopened.PendingTasks));
    }

    [Fact]
    public void Improver_ClosedBetweenAddAndStep_GoesOnToTheSameBit()
    {
        LearnerContribution[] all = [Contribution(1), Contribution(2), Contribution(3)];
        using var other = new TemporaryFolder();
        using (var whole = _ml.MetaLearning().OpenImprover(other.Path, _learner, new ImproverOptions { TasksPerStep = 12 }))
        {
            Array.ForEach(all, contribution => whole.Add(contribution));
            Assert.True(whole.TryImprove());
        }

        foreach (var contribution in all)
        {
            using var improver = Open(new ImproverOptions { TasksPerStep = 12 });
            Assert.True(improver.Add(contribution).IsAcknowledged);
        }

        using var last = Open(new ImproverOptions { TasksPerStep = 12 });
        Assert.True(last.TryImprove());
        Assert.Equal(File.ReadAllBytes(Path.Combine(other.Path, "learner.onnx")), last.Current.File.ToArray());
    }

    [Fact]
    public void Improver_KilledAfterTheStep_BeforeTidying_MergesNothingTwice()
    {
        var contribution = Contribution();
        byte[] pending;
        string name;
        using (var improver = Open())
        {
            improver.Add(contribution);
            name = Directory.GetFiles(Path.Combine(_folder.Path, "pending")).Single();
            pending = File.ReadAllBytes(name);
            Assert.True(improver.TryImprove());
        }

        // As the disk was left by a process that ended right after it had written the state.
        File.WriteAllBytes(name, pending);
        _learner.Save(Path.Combine(_folder.Path, "learner.onnx"));
        using var reopened = Open();
        Assert.Equal(0, reopened.PendingTasks);
        Assert.False(reopened.TryImprove());
        using var current = _ml.MetaLearning().LoadLearner(Path.Combine(_folder.Path, "learner.onnx"));
        Assert.Equal(1, current.Revision);
    }

    [Fact]
    public void Add_OfWhatCannotBeMerged_SaysWhy_AndKeepsNothing()
    {
        using var improver = Open(new ImproverOptions { TasksPerStep = 4, MaximumTasks = 5, MaximumNorm = 1e4 });
        using var otherLearner = TinyTraining.Regression(
            Improvable(TinyTraining.Descending()) with { Training = new() { Steps = 0, Seed = 2 } });
        var good = Contribution();
        float[] notFinite = [.. good.Gradient.ToArray()[1..], float.NaN];
        float[] huge = [.. good.Gradient.ToArray().Select(_ => 1e6f)];
        (LearnerContribution Contribution, ContributionVerdict Verdict)[] refused =
        [
            (_ml.MetaLearning().Contribute(otherLearner, ManyTasks.View(_ml, ManyTasks.Sinusoids(2, 12)), OfTasks),
                ContributionVerdict.OtherLearner),
            (good with { Revision = 1 }, ContributionVerdict.UnknownRevision),
            (good with { ThetaChecksum = new string('0', 64) }, ContributionVerdict.OtherLearner),
            (good with { Gradient = notFinite }, ContributionVerdict.NotFinite),
            (good with { EvaluationLoss = double.PositiveInfinity }, ContributionVerdict.NotFinite),
            (good with { Gradient = huge }, ContributionVerdict.TooLong),
            (good with { Tasks = 6 }, ContributionVerdict.TooManyTasks),
            (good with { Gradient = new float[3] }, ContributionVerdict.OtherLearner),
        ];
        foreach (var (contribution, verdict) in refused)
        {
            var receipt = improver.Add(contribution with { Id = Guid.NewGuid() });
            Assert.Equal((verdict, false), (receipt.Verdict, receipt.IsAcknowledged));
            Assert.NotEmpty(receipt.Message);
        }

        Assert.Equal(0, improver.PendingTasks);
        improver.Add(good);
        Assert.True(improver.TryImprove());
        Assert.Equal(ContributionVerdict.TooOld, improver.Add(good with { Id = Guid.NewGuid() }).Verdict);
    }

    [Fact]
    public void MaximumAge_OfOne_TakesTheLastRevisionAtALowerWeight()
    {
        var late = Contribution(5);
        var options = new ImproverOptions { TasksPerStep = 4, MaximumAge = 1 };
        byte[] Improved(double exponent)
        {
            using var folder = new TemporaryFolder();
            using var improver = _ml.MetaLearning().OpenImprover(
                folder.Path, _learner, options with { StalenessExponent = exponent });
            improver.Add(Contribution(1));
            Assert.True(improver.TryImprove());
            using var current = Load(improver);
            Assert.Equal(ContributionVerdict.Accepted, improver.Add(late).Verdict);
            improver.Add(Contribution(2, current));
            Assert.True(improver.TryImprove());
            // Two steps later it is too old even so.
            Assert.True(improver.Add(late with { Id = Guid.NewGuid() }).Verdict == ContributionVerdict.TooOld);
            return improver.Current.File.ToArray();
        }

        Assert.NotEqual(Improved(0), Improved(2));
    }

    [Fact]
    public void Noise_OfTheImprover_MovesTheta_AndWantsClipping()
    {
        Assert.Throws<ArgumentException>(() => Open(new ImproverOptions { NoiseMultiplier = 1 }));
        using var improver = Open(new ImproverOptions { TasksPerStep = 4, ClippingNorm = 1, NoiseMultiplier = 1 });
        using var quietFolder = new TemporaryFolder();
        using var quiet = _ml.MetaLearning().OpenImprover(
            quietFolder.Path, _learner, new ImproverOptions { TasksPerStep = 4, ClippingNorm = 1 });
        var contribution = Contribution();
        foreach (var each in (LearnerImprover[])[improver, quiet])
        {
            each.Add(contribution);
            Assert.True(each.TryImprove());
        }

        using var noisy = Load(improver);
        using var plain = Load(quiet);
        Assert.NotEqual(noisy.Improvement!.Theta, plain.Improvement!.Theta);
    }

    [Fact]
    public void Open_OfAFolderInUse_OrOfAnotherLearner_OrDamaged_IsRefused()
    {
        using (Open())
        {
            Assert.Contains("in use", Assert.Throws<IOException>(() => Open()).Message, StringComparison.Ordinal);
        }

        using var otherLearner = TinyTraining.Regression(
            Improvable(TinyTraining.Descending()) with { Training = new() { Steps = 0, Seed = 2 } });
        Assert.Throws<ArgumentException>(() => _ml.MetaLearning().OpenImprover(_folder.Path, otherLearner));
        var state = Path.Combine(_folder.Path, "state.json");
        File.WriteAllText(state, File.ReadAllText(state)[..100]);
        Assert.Throws<FormatException>(() => Open());
    }

    [Fact]
    public void Contribute_WithALearnerThatIsNotImprovable_SaysHowToMakeIt()
    {
        using var plain = TinyTraining.Regression(TinyTraining.OfRegression());
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(2, 12));
        var failure = Assert.Throws<NotSupportedException>(() => _ml.MetaLearning().Contribute(plain, rows, OfTasks));
        Assert.Contains("Improvable = true", failure.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => _ml.MetaLearning().OpenImprover(_folder.Path, plain));
    }

    [Fact]
    public void Contribute_OfTasksWithTooFewRows_LeavesThemOut_OrSaysThatNothingIsLeft()
    {
        var rows = ManyTasks.Sinusoids(3, task => task == 1 ? 1 : 12);
        var contribution = _ml.MetaLearning().Contribute(_learner, ManyTasks.View(_ml, rows), OfTasks);
        Assert.Equal(2, contribution.Tasks);
        Assert.Throws<InvalidOperationException>(() => _ml.MetaLearning().Contribute(
            _learner, ManyTasks.View(_ml, [.. rows.Where(row => row.Task == "machine 1")]), OfTasks));
    }

    [Fact]
    public void Contribute_OfMoreSupportRows_HasALowerLoss()
    {
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(6, 40));
        double Loss(int fewest, int most) => _ml.MetaLearning().Contribute(
            _learner, rows, OfTasks with { FewestSupportRows = fewest, MostSupportRows = most, Splits = 20 }).EvaluationLoss!.Value;
        Assert.True(Loss(30, 30) < Loss(1, 1));
        Assert.InRange(Loss(1, 30), Loss(30, 30), Loss(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loss(3, 2));
    }

    [Fact]
    public void Contribute_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => _ml.MetaLearning().Contribute(
            _learner, ManyTasks.View(_ml, ManyTasks.Sinusoids(2, 12)), OfTasks with { CancellationToken = source.Token }));
    }

    [Fact]
    public void Improvable_WhereTheGraphCannotExpressIt_IsRefusedAtConstruction()
    {
        foreach (var options in (InnerLoopOptions[])
            [
                TinyTraining.Descending() with { Improvable = true, Rule = MetaGradientRule.Unrolled() },
                TinyTraining.Descending() with { Improvable = true, Rule = MetaGradientRule.Contrastive(strength: null) },
            ])
        {
            var failure = Assert.Throws<ArgumentException>(() => TinyTraining.Trainer(_ml, MetaTask.Regression, options));
            Assert.Contains("Contrastive(strength: 0.1)", failure.Message, StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _learner.Dispose();
        _folder.Dispose();
    }

    private static ContributionOptions OfTasks { get; } = new() { TaskColumnName = "Task", Seed = 1 };

    private static InnerLoopOptions Improvable(InnerLoopOptions options) =>
        options with { Improvable = true, Rule = MetaGradientRule.Contrastive(strength: 0.3, nudgedSteps: 5) };

    private LearnerImprover Open(ImproverOptions? options = null) =>
        _ml.MetaLearning().OpenImprover(_folder.Path, _learner, options ?? new ImproverOptions { TasksPerStep = 4 });

    private LearnerContribution Contribution(int seed = 1, Learner? learner = null) =>
        _ml.MetaLearning().Contribute(learner ?? _learner, ManyTasks.View(_ml, ManyTasks.Sinusoids(4, 12, seed)), OfTasks);

    private Learner Load(LearnerImprover improver)
    {
        using var stream = new MemoryStream(improver.Current.File.ToArray());
        return _ml.MetaLearning().LoadLearner(stream);
    }

    private double LossOf(Learner learner, IDataView rows)
    {
        var contribution = _ml.MetaLearning().Contribute(learner, rows, OfTasks);
        return contribution.EvaluationLoss!.Value / contribution.Tasks;
    }

    private static double Norm(LearnerContribution contribution) =>
        Math.Sqrt(contribution.Gradient.ToArray().Sum(number => (double)number * number));
}
