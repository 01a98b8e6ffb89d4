using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

/// <summary>Labels of several elements of which some were not observed, from the rows of meta-training to predictions in an app.</summary>
public sealed class MissingTargetsTests
{
    private readonly MLContext _ml = new(1);

    private static readonly FewShotEvaluationOptions _evaluation = new()
    {
        Tasks = new TaskColumn("Task") { SupportRows = 8, QueryRows = 6 }, LabelColumnName = "Labels", NumberOfEpisodes = 20,
        MissingTargets = true,
    };

    public static TheoryData<string> Learners => TinyTraining.Learners;

    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_OfRowsWithOneTargetEach_LearnsBoth(string name)
    {
        using var learner = Fit(name, Lines(40, seed: 1), steps: 150);
        var rows = ManyTasks.View(_ml, Lines(20, seed: 5));
        var adapted = _ml.MetaLearning().Regression.Evaluate(learner, rows, _evaluation);
        var before = _ml.MetaLearning().Regression.Evaluate(learner, rows, _evaluation with { AdaptationSteps = 0 });
        Assert.True(learner.MissingTargets);
        Assert.True(adapted.Mean < 0.3 * before.Mean, $"mean squared error {adapted.Mean} after and {before.Mean} before adaptation");
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_OfAFewShotTrainer_TakesNaNAsMissing(string name)
    {
        using var learner = Fit(name, OneOfTwo(10));
        var rows = ManyTasks.View(_ml, OneOfTwo(5, seed: 3));
        var catalog = _ml.MetaLearning();
        Assert.Equal(
            catalog.Regression.Evaluate(learner, rows, _evaluation).Episodes,
            catalog.Regression.Evaluate(catalog.FewShot(learner), rows, _evaluation).Episodes);
    }

    [Fact]
    public void Adapt_WhereNothingIsMissing_EqualsTheLearnerThatRefusesNaN()
    {
        var rows = ManyTasks.Sinusoids(10, 12);
        using var may = Fit("DualSystem", rows);
        using var mayNot = TinyTraining.Regression(
            TinyTraining.Descending("DualSystem") with { LabelColumnName = "Labels", Tasks = TinyTraining.Tasks with { SupportRows = 8 } },
            rows);
        var unseen = ManyTasks.View(_ml, ManyTasks.Sinusoids(5, 12, seed: 3));
        var (one, other) = (
            _ml.MetaLearning().Regression.Evaluate(may, unseen, _evaluation),
            _ml.MetaLearning().Regression.Evaluate(mayNot, unseen, _evaluation with { MissingTargets = false }));
        // The training passes rounding on; a pull shared by eight rows holds it back less than the paper's.
        Tolerance.AssertClose(one.Episodes, other.Episodes, 30 * Tolerance.Rounding32);
    }

    [Fact]
    public void Fit_OfARowWithoutTargets_IsRefused()
    {
        var rows = OneOfTwo(4);
        rows[4].Labels = [float.NaN, float.NaN];
        var training = Assert.Throws<InvalidOperationException>(() => Fit("ComplexSynapse", rows));
        Assert.Contains(
            "Row 5 has no observed target: all elements of label column 'Labels' are NaN. Remove the row", training.Message,
            StringComparison.Ordinal);

        using var learner = Fit("ComplexSynapse", OneOfTwo(10));
        var support = Assert.Throws<InvalidOperationException>(
            () => _ml.MetaLearning().FewShot(learner, "Labels").Fit(ManyTasks.View(_ml, rows[..6])));
        Assert.Contains("Row 5 of the support set has no observed target", support.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfAnInfiniteTarget_IsRefused()
    {
        var rows = OneOfTwo(10);
        using var learner = Fit("ComplexSynapse", rows);
        rows[2].Labels[0] = float.PositiveInfinity;
        var training = Assert.Throws<InvalidOperationException>(() => Fit("ComplexSynapse", rows));
        Assert.Contains("Row 3 has Infinity in label column 'Labels', element 0", training.Message, StringComparison.Ordinal);
        var support = Assert.Throws<InvalidOperationException>(
            () => _ml.MetaLearning().FewShot(learner, "Labels").Fit(ManyTasks.View(_ml, rows[..6])));
        Assert.Contains(
            "Row 3 of the support set has Infinity in label column 'Labels', element 0", support.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_OfALearnerThatRefusesNaN_SaysWhatToSet()
    {
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression() with { LabelColumnName = "Labels" });
        var refusal = Assert.Throws<ArgumentException>(
            () => _ml.MetaLearning().Regression.Evaluate(learner, ManyTasks.View(_ml, OneOfTwo(5)), _evaluation));
        Assert.Contains("not meta-trained for missing targets", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_OfAClassifier_IsRefused()
    {
        var refusal = Assert.Throws<ArgumentException>(
            () => TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.Descending("DualSystem") with { MissingTargets = true }));
        Assert.Contains("MissingTargets is for regression", refusal.Message, StringComparison.Ordinal);
        refusal = Assert.Throws<ArgumentException>(
            () => _ml.MetaLearning().Classification.Evaluate(
                _ml.MetaLearning().LoadLearner(new MemoryStream(new TinyLearner().File())), ManyTasks.View(_ml, OneOfTwo(5)), _evaluation));
        Assert.Contains("MissingTargets is for regression", refusal.Message, StringComparison.Ordinal);
    }

    private static Learner Fit(string name, ManyTasks.Row[] rows, int steps = 6) => TinyTraining.Regression(
        TinyTraining.Descending(name).WithTraining(t => t with { Steps = steps }).WithAdaptation(
            a => a with { Steps = steps > 6 ? 20 : 4 }) with
        {
            LabelColumnName = "Labels", MissingTargets = true, Tasks = TinyTraining.Tasks with { SupportRows = 8 },
            Network = new MultilayerPerceptron { HiddenUnits = steps > 6 ? [16, 16] : [6] },
        },
        rows);

    /// <summary>y = (a x, −2 a x) with a ~ U[−2, 2], of which every row observed one; the second feature says nothing.</summary>
    private static ManyTasks.Row[] Lines(int tasks, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, tasks).SelectMany(t =>
        {
            var slope = (4 * random.NextDouble()) - 2;
            return Enumerable.Range(0, 14).Select(i =>
            {
                var x = (2 * random.NextDouble()) - 1;
                float[] labels = [(float)(slope * x), (float)(-2 * slope * x)];
                labels[i % 2] = float.NaN;
                return new ManyTasks.Row { Task = $"line {t}", Features = [(float)x, (float)random.NextDouble()], Labels = labels };
            }).ToArray();
        })];
    }

    /// <summary>Sinusoids of which every row observed either the sine or the cosine.</summary>
    private static ManyTasks.Row[] OneOfTwo(int tasks, int seed = 1)
    {
        var rows = ManyTasks.Sinusoids(tasks, 14, seed);
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i].Labels[i % 2] = float.NaN;
        }

        return rows;
    }
}
