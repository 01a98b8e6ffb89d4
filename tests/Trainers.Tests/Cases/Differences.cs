using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>The oracle of every rule: central differences in θ of the evaluation loss after adaptation.</summary>
internal static class Differences
{
    /// <summary>Step of a central difference in float64: truncation h² and rounding 1e-16 / h are then about equal.</summary>
    private const double Step = 1e-5;

    /// <summary>L_out(φ̂(θ), θ) of an inner problem after a phase.</summary>
    public static double AdaptedLoss(ILearner learner, Parameters theta, EpisodeBatch batch, Phase free)
    {
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch);
        return problem.EvaluationLoss(Settle.Run(problem, problem.InitialFast(), 0, free).Phi);
    }

    /// <summary>∂loss/∂θ, one element at a time.</summary>
    public static Parameters Gradient(Parameters theta, Func<Parameters, double> loss)
    {
        using var scope = NewDisposeScope();
        return new Parameters(theta.Values.With(Enumerable.Range(0, theta.Values.Count).Select(i => Partial(theta, i, loss)).ToArray()));
    }

    /// <summary>Derivative of the loss along a direction.</summary>
    public static double Along(Parameters theta, Parameters direction, Func<Parameters, double> loss)
    {
        using var ahead = theta.AddScaled(direction, Step);
        using var behind = theta.AddScaled(direction, -Step);
        return (loss(ahead) - loss(behind)) / (2 * Step);
    }

    public static void AssertClose(Parameters actual, Parameters expected, double tolerance)
    {
        Assert.Equal(expected.Names.ToArray(), actual.Names.ToArray());
        using var difference = actual.AddScaled(expected, -1);
        Assert.True(expected.Norm() > 0, "The expected gradient is zero, and so says nothing.");
        var distance = difference.Norm() / expected.Norm();
        Assert.True(distance <= tolerance, $"relative distance {distance:E2}, allowed {tolerance:E2}");
    }

    private static Tensor Partial(Parameters theta, int index, Func<Parameters, double> loss)
    {
        var shape = theta.Values.Values[index].shape;
        var values = new double[theta.Values.Values[index].numel()];
        for (var i = 0; i < values.Length; i++)
        {
            using var scope = NewDisposeScope();
            var unit = zeros(values.Length, ScalarType.Float64);
            unit[i] = 1.0;
            using var direction = new Parameters(theta.Values.With(
                theta.Values.Values.Select((t, j) => j == index ? unit.reshape(shape) : zeros_like(t)).ToArray()));
            values[i] = Along(theta, direction, loss);
        }

        return tensor(values, shape);
    }
}
