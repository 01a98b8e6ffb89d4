using MLNetMeta.Testing;
using Microsoft.ML;
using MLNetMeta.Trainers.Evaluation;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

public sealed class CalibratorTests
{
    private const int Rows = 4000;

    // Of a temperature that is estimated from so many rows.
    private const double Accuracy = 0.12;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1.5)]
    [InlineData(0.5, 0.8)]
    public void Fit_OfLogitsThatAreTooLarge_FindsByHowMuchForFewAndForManyRows(double ofFew, double ofMany)
    {
        var calibrator = Calibrator((5, ofFew), (50, ofMany));
        var fitted = calibrator.Fit()!;
        Assert.Equal(ofFew, fitted.Temperature(5), ofFew * Accuracy);
        Assert.Equal(ofMany, fitted.Temperature(50), ofMany * Accuracy);
        Assert.Equal(fitted.Temperature(5), fitted.Temperature(1));
        Assert.Equal(fitted.Temperature(50), fitted.Temperature(1000));
        Assert.True(calibrator.MeanLogLoss(fitted) <= calibrator.MeanLogLoss(fitted with { Intercept = 0, Slope = 0 }));
    }

    [Fact]
    public void Fit_OfOneNumberOfRows_HasNoSlope()
    {
        var fitted = Calibrator((7, 2)).Fit()!;
        Assert.Equal(0, fitted.Slope);
        Assert.Equal(2, fitted.Temperature(7), 2 * Accuracy);
    }

    [Fact]
    public void Fit_OfNothing_IsNone()
    {
        var calibrator = new Calibrator();
        calibrator.Add([float.NaN, float.NaN], [0], supportRows: 3);
        Assert.Null(calibrator.Fit());
    }

    [Fact]
    public void Fit_OfATrainer_CalibratesOnTheValidationTasks()
    {
        // Labels that are wrong for one row of four: a learner that trusts its few rows is too sure.
        var random = new Random(3);
        string[] letters = [.. Enumerable.Range(0, 12).Select(i => $"letter {i}")];
        var ml = new MLContext(1);
        var rows = Blobs.Classes(letters, 20)
            .Select(row => random.Next(4) > 0 ? row
                : new Blobs.Row { Features = row.Features, Label = letters[random.Next(12)] }).ToArray();
        var data = Blobs.KeyedView(ml, rows);
        var options = TinyTraining.Options("ComplexSynapse").WithTraining(t => t with { Steps = 40, ValidationInterval = 20 });
        using var learner = TinyTraining.Trainer(ml, MLNetMeta.Transforms.MetaTask.Classification, options).Fit(data);
        var metrics = ml.MetaLearning().Classification.Evaluate(learner.Learner, data, new FewShotEvaluationOptions
        {
            Tasks = new Episodes { Ways = 3, Shots = 2, QueryRows = 4 }, NumberOfEpisodes = 200,
        });
        Assert.InRange(metrics.ExpectedCalibrationError, 0, 0.1);
        Assert.True(metrics["LogLoss"].Mean < Math.Log(3), "Better than knowing nothing.");
    }

    /// <summary>Probabilities whose logits are too large by a factor, its temperature, for tasks of two numbers of rows.</summary>
    private static Calibrator Calibrator(params (int SupportRows, double Temperature)[] tasks)
    {
        var random = new Random(1);
        var calibrator = new Calibrator();
        foreach (var (supportRows, temperature) in tasks)
        {
            for (var i = 0; i < Rows; i++)
            {
                var logits = Enumerable.Range(0, 3).Select(_ => 3 * random.NextDouble()).ToArray();
                var truth = Softmax(logits);
                var draw = random.NextDouble();
                var label = draw < truth[0] ? 0 : draw < truth[0] + truth[1] ? 1 : 2;
                var shown = Softmax(Array.ConvertAll(logits, z => z * temperature));
                calibrator.Add(Array.ConvertAll(shown, p => (float)p), [label], supportRows);
            }
        }

        return calibrator;
    }

    private static double[] Softmax(double[] logits)
    {
        var powers = Array.ConvertAll(logits, Math.Exp);
        return Array.ConvertAll(powers, power => power / powers.Sum());
    }
}
