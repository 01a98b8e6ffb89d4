using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Microsoft.ML;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

public sealed class IntervalFitterTests
{
    private const double Coverage = 0.9;

    [Fact]
    public void Fit_OfErrorsThatGrowByAKnownLaw_FindsItAndCoversWhatItShould()
    {
        var fitted = Fitter(seed: 1, episodes: 4000).Fit()!;

        Assert.Equal(-0.5, fitted.RowExponent, 0.1);
        Assert.Equal(0.7, fitted.ResidualExponent, 0.1);
        Assert.Equal(1.5, fitted.DistanceExponent, 0.2);
        Assert.Equal((3, 20), (fitted.FewestRows, fitted.MostRows));
        // A Laplace variable of scale s is within s · ln 10 in nine cases of ten; the second output's are twice as large.
        var expected = Math.Log(10) * Math.Pow(10, -0.5) * Math.Pow(0.5, 0.7) * Math.Pow(2, 1.5);
        Assert.Equal(1, fitted.HalfWidth(0, 10, 0.5, 1) / expected, 0.08);
        Assert.Equal(2, fitted.HalfWidth(1, 10, 0.5, 1) / expected, 0.16);
        Assert.Equal(fitted.HalfWidth(0, 3, 0.5, 1), fitted.HalfWidth(0, 1, 0.5, 1));
        Assert.Equal(fitted.HalfWidth(0, 20, 0.5, 1), fitted.HalfWidth(0, 100, 0.5, 1));
        Assert.Equal(fitted.HalfWidth(0, 5, Intervals.SmallestResidual, 1), fitted.HalfWidth(0, 5, 0, 1));
    }

    [Fact]
    public void Fit_OfErrorsThatFollowNothing_IsAQuantile()
    {
        var fitter = new IntervalFitter(0.5, outputs: 1);
        // Episodes of one row and of three: each counts as much.
        fitter.Add([1], [10], 4, [1], [0], [0]);
        fitter.Add([-3, 3, -3], [20, 20, 20], 4, [1], [0, 0, 0], [0, 0, 0]);
        var fitted = fitter.Fit()!;
        Assert.Equal(1, fitted.HalfWidth(0, 4, 1, 0), 1e-6);
        Assert.Equal(10, fitted.Unadapted[0]);
    }

    [Fact]
    public void Fit_OfNothing_IsNone()
    {
        var fitter = new IntervalFitter(Coverage, outputs: 2);
        fitter.Add([1, float.NaN], [1, 1], 4, [1, 1], [0], [0]);
        Assert.Null(fitter.Fit());
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Fit_OfATrainer_CoversTargetsOfNewTasks(double coverage)
    {
        var ml = new MLContext(1);
        var options = TinyTraining.OfRegression("DualSystem").WithTraining(
            t => t with { Steps = 60, ValidationInterval = 20, ValidationFraction = 0.4 }) is DualSystemTrainer.Options o
            ? o with { IntervalCoverage = coverage, Tasks = TinyTraining.Tasks with { SupportRows = (3, 10) } }
            : throw new InvalidOperationException();
        using var learner = TinyTraining.Regression(options, ManyTasks.Sinusoids(60, 20));
        Assert.Equal(coverage, learner.IntervalCoverage);
        var metrics = ml.MetaLearning().Regression.Evaluate(
            learner, ManyTasks.View(ml, ManyTasks.Sinusoids(100, 20, seed: 2)), new FewShotEvaluationOptions
            {
                Tasks = TinyTraining.Tasks with { SupportRows = (3, 10) }, NumberOfEpisodes = 400,
            });
        // From 24 tasks that are like the new ones; a spread of amplitudes from 0.1 to 5 makes them far from alike.
        Assert.InRange(metrics["Coverage"].Mean, coverage - 0.08, Math.Min(coverage + 0.08, 0.999));
        Assert.InRange(metrics["IntervalWidth"].Mean, 0.5, 20);
    }

    [Fact]
    public void Fit_WithoutCoverage_WritesNoIntervals()
    {
        using var learner = TinyTraining.Regression(TinyTraining.Descending() with { IntervalCoverage = 0 });
        Assert.Null(learner.IntervalCoverage);
    }

    [Theory]
    [MemberData(nameof(TinyTraining.RegressionLearners), MemberType = typeof(TinyTraining))]
    public void Fit_ByDefault_Covers90Percent(string learnerName)
    {
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression(learnerName));
        Assert.Equal(0.9, learner.IntervalCoverage);
    }

    [Fact]
    public void Create_OfAClassification_RefusesACoverage()
    {
        var options = (InnerLoopOptions)TinyTraining.OfSharedLabels();
        var error = Assert.Throws<ArgumentException>(() => TinyTraining.Trainer(
            new MLContext(1), MetaTask.Classification, options with { IntervalCoverage = 0.9 }));
        Assert.Contains("IntervalCoverage is for regression", error.Message, StringComparison.Ordinal);
    }

    private static IntervalFitter Fitter(int seed, int episodes)
    {
        var random = new Random(seed);
        var fitter = new IntervalFitter(Coverage, outputs: 2);
        for (var e = 0; e < episodes; e++)
        {
            var rows = random.Next(3, 21);
            double[] residuals = [0.1 + random.NextDouble(), 0.1 + random.NextDouble()];
            double[] distances = [2 * random.NextDouble(), 2 * random.NextDouble()];
            double Scale(int i) =>
                (1 + (i % 2)) * Math.Pow(rows, -0.5) * Math.Pow(residuals[i % 2], 0.7) * Math.Pow(1 + distances[i / 2], 1.5);
            float[] errors = [.. Enumerable.Range(0, 4).Select(i => (float)(-Scale(i) * Math.Log(1 - random.NextDouble())))];
            fitter.Add(errors, errors, rows, residuals, distances, distances);
        }

        return fitter;
    }
}
