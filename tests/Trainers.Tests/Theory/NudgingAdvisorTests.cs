using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Theory;

public sealed class NudgingAdvisorTests
{
    private static readonly ComplexSynapseTrainer.Options _options = new()
    {
        Tasks = new TaskColumn("Task") { SupportRows = 4, QueryRows = 4 },
        Network = new MultilayerPerceptron { HiddenUnits = [8] },
        Adaptation = new() { Steps = 10 },
        Rule = MetaGradientRule.Contrastive(nudgedSteps: 5),
        Training = new() { Steps = 6, TasksPerStep = 4, ValidationTasks = 4, ValidationInterval = 2, Seed = 3 },
        Compute = Compute.Torch(threads: 1),
    };

    [Theory]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(30)]
    public void Advise_KnownExactGradient_IsNearlyTheBestOfTheGrid(int steps)
    {
        using var problem = ExactProblems.Standard(learnStrength: true);
        var phase = new Phase(Optimizer.Sgd(0.2), steps);
        var advice = new NudgingAdvisor(problem.Learner, Stencil.Symmetric).Advise(problem.Theta, problem.Batch, phase, phase);
        double Error(double beta) => problem.RelativeError(new ContrastiveRule(Stencil.Symmetric, beta, phase, phase));
        var best = NudgingAdvisor.Grid.Min(Error);
        Assert.InRange(Error(advice.NudgingStrength), best, (1.3 * best) + 0.01); // the reference's own error
        Assert.Equal(Error(advice.NudgingStrength), advice.EstimatedError, 0.3 * advice.EstimatedError + 0.01);
    }

    [Fact]
    public void Advise_PhasesFurtherFromEquilibrium_ReportsLargerSettlingErrors()
    {
        using var problem = ExactProblems.Standard();
        var errors = new[] { 3, 10, 40 }.Select(steps =>
        {
            var phase = new Phase(Optimizer.Sgd(0.2), steps);
            return new NudgingAdvisor(problem.Learner, Stencil.Forward).Advise(problem.Theta, problem.Batch, phase, phase).SettlingError;
        }).ToArray();
        Assert.True(errors[0] > 2 * errors[1] && errors[1] > 2 * errors[2] && errors[2] < 0.1, string.Join(", ", errors));
    }

    [Fact]
    public void Advise_ErrorAboveTheTolerance_DoublesSteps()
    {
        using var problem = ExactProblems.Standard();
        var phase = new Phase(Optimizer.Sgd(0.2), 4);
        var advisor = new NudgingAdvisor(problem.Learner, Stencil.Symmetric);
        var asIs = advisor.Advise(problem.Theta, problem.Batch, phase, phase);
        var longer = advisor.Advise(problem.Theta, problem.Batch, phase, phase, tolerance: 0.05, doublings: 5);
        Assert.Equal((4, 4), (asIs.AdaptationSteps, asIs.NudgedSteps));
        Assert.True(asIs.EstimatedError > 0.05 && longer.EstimatedError <= 0.05, $"{asIs}; {longer}");
        Assert.True(longer.AdaptationSteps + longer.NudgedSteps > 8);
        Assert.InRange(longer.EstimatedError, longer.Trials.Min(t => t.Error), 1.1 * longer.Trials.Min(t => t.Error));
    }

    [Fact]
    public void Advise_NudgedPhasesDiverge_NamesTheirLearningRate()
    {
        using var problem = ExactProblems.Standard();
        var refusal = Assert.ThrowsAny<InvalidOperationException>(() => new NudgingAdvisor(problem.Learner, Stencil.Symmetric).Advise(
            problem.Theta, problem.Batch, new Phase(Optimizer.Sgd(0.2), 10), new Phase(Optimizer.Sgd(1e6), 200)));
        Assert.Contains("learning rate (it is 1000000)", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Advise_FromATrainer_IsDeterministicAndLeavesItsOptions()
    {
        var ml = new MLContext(1);
        var trainer = ml.MetaLearning().Regression.ComplexSynapse(_options);
        var (first, second) = (trainer.Advise(Tasks(ml)), trainer.Advise(Tasks(ml)));
        Assert.Equal(first.Trials, second.Trials);
        Assert.Contains(first.NudgingStrength, NudgingAdvisor.Grid);
        Assert.True(first.EstimatedError is > 0 and < 1, first.ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Advise(Tasks(ml), 0));
    }

    [Fact]
    public void Advise_RuleWithoutNudging_SaysSo()
    {
        var ml = new MLContext(1);
        var trainer = ml.MetaLearning().Regression.ComplexSynapse(
            _options with { Rule = MetaGradientRule.FirstOrder(), LearnConsolidation = false });
        Assert.Contains(
            "no nudged phase", Assert.Throws<InvalidOperationException>(() => trainer.Advise(Tasks(ml))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_StrengthUnset_TrainsAsWithTheAdvisedStrengthAndLogsIt()
    {
        var ml = new MLContext(1);
        var log = new List<string>();
        ml.Log += (_, message) => log.Add(message.Message);
        var tasks = Tasks(ml);
        var advised = new MetaTrainingHistory();
        ml.MetaLearning().Regression.ComplexSynapse(_options.WithTraining(t => t with { Progress = advised })).Fit(tasks);
        var line = Assert.Single(log, message => message.Contains("Advised from a pilot", StringComparison.Ordinal));
        var strength = NudgingAdvisor.Grid.Single(
            b => line.Contains(FormattableString.Invariant($"nudging strength {b:G3} "), StringComparison.Ordinal));

        var given = new MetaTrainingHistory();
        ml.MetaLearning().Regression.ComplexSynapse(
            _options.WithTraining(t => t with { Progress = given }).WithRule(
                MetaGradientRule.Contrastive(strength, nudgedSteps: 5))).Fit(tasks);
        Assert.Equal(
            given.Reports.Select(r => (r.Step, r.ValidationLoss, r.TrainingLoss)),
            advised.Reports.Select(r => (r.Step, r.ValidationLoss, r.TrainingLoss)));
    }

    [Fact]
    public void Fit_StrengthUnsetAndResumed_EqualsTheUninterruptedTraining()
    {
        var ml = new MLContext(1);
        var tasks = Tasks(ml);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            var whole = new MetaTrainingHistory();
            ml.MetaLearning().Regression.ComplexSynapse(_options.WithTraining(t => t with { Progress = whole })).Fit(tasks);

            using var stop = new CancellationTokenSource();
            var options = _options with { Checkpoint = new(path) };
            var halfway = new Progress(report => (report.Step >= 2 ? stop : null)?.Cancel());
            Assert.Throws<OperationCanceledException>(() =>
                ml.MetaLearning().Regression.ComplexSynapse(
                    options.WithTraining(t => t with { Progress = halfway }) with { CancellationToken = stop.Token }).Fit(tasks));
            var resumed = new MetaTrainingHistory();
            ml.MetaLearning().Regression.ComplexSynapse(options.WithTraining(t => t with { Progress = resumed })).Fit(tasks);
            Assert.Equal(whole.Reports[^1].ValidationLoss, resumed.Reports[^1].ValidationLoss);

            var other = Assert.Throws<InvalidOperationException>(() =>
                ml.MetaLearning().Regression.ComplexSynapse(
                    options.WithRule(MetaGradientRule.Contrastive(0.02, nudgedSteps: 5))).Fit(tasks));
            Assert.Contains("nudged", other.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class Progress(Action<MetaTrainingProgress> report) : IProgress<MetaTrainingProgress>
    {
        public void Report(MetaTrainingProgress value) => report(value);
    }

    private sealed class Row
    {
        public float Task { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    private static IDataView Tasks(MLContext ml)
    {
        var random = new Random(4);
        return ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 10 * 12).Select(i => (Task: i / 12, X: new[] { (float)random.NextDouble(), (float)random.NextDouble() }))
            .Select(r => new Row { Task = r.Task, Features = r.X, Label = (r.Task * r.X[0]) - r.X[1] }).ToArray());
    }
}
