using System.Globalization;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Optimizers;

public sealed class OptimizerTests
{
    private const int Steps = 25;

    public static TheoryData<string> Names => [.. Zoo.Optimizers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_OnAToyProblem_FollowsTorch(string name)
    {
        using var scope = NewDisposeScope();
        var optimizer = Zoo.Optimizers[name];
        var random = new Random(4);
        var centre = NormalTensors.Draw(random, 3, 2);
        var start = NormalTensors.Draw(random, 3, 2);
        var curvature = tensor([0.1, 0.5, 1, 2, 3, 4], [3, 2]);

        var parameter = new Parameter(start.clone());
        using var torchOptimizer = Torch(optimizer, parameter);
        var rule = optimizer.Rule();
        var ours = new[] { start };
        var state = rule.Initial(TorchOps.Instance, ours);
        for (var step = 0; step < Steps; step++)
        {
            torchOptimizer.zero_grad();
            using var value = (curvature * parameter.Minus(centre).Squared()).sum().Times(0.5);
            value.backward();
            torchOptimizer.step();

            (ours, state) = rule.Step(TorchOps.Instance, ours, [curvature * ours[0].Minus(centre)], state, optimizer.LearningRate);
            Assert.InRange(Tolerance.RelativeDistance(ours, [parameter.detach()]), 0, Tolerance.Rounding64);
        }

        Assert.True(Tolerance.RelativeDistance(ours, [start]) > 0.01, "Nothing moved.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void State_FlattenedAndPutBack_IsTheSame(string name)
    {
        using var scope = NewDisposeScope();
        Tensor[] parameters = [ones(2), ones(3)];
        var state = Zoo.Optimizers[name].Rule().Initial(TorchOps.Instance, parameters);
        var again = state.With<Tensor>(state.Flatten());
        Assert.Equal(state.Shared, again.Shared);
        Assert.Equal(state.PerParameter, again.PerParameter);
    }

    [Fact]
    public void Clipping_OfALongGradient_KeepsItsDirection()
    {
        float[] theta = [0, 0], gradient = [30, 40];
        Assert.Equal([-3f, -4f], new MetaOptimizer(Optimizer.Sgd(1), clipNorm: 5, size: 2).Step(theta, gradient, 1));
        Assert.Equal([-30f, -40f], new MetaOptimizer(Optimizer.Sgd(1), clipNorm: 51, size: 2).Step(theta, gradient, 1));
        Assert.Equal([0f, 0f], theta);
        Assert.Equal([30f, 40f], gradient);
    }

    /// <summary>The same steps in managed memory as on tensors, up to rounding, from vectors that no number of lanes divides.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Step_InManagedMemory_IsThatOnTensors(string name)
    {
        using var scope = NewDisposeScope();
        var rule = Zoo.Optimizers[name].Rule();
        var random = new Random(3);
        float[] theta = Numbers();
        var tensors = new[] { tensor(theta) };
        var (state, torchState) = (rule.Initial(HostVectorOps.Instance, [theta]), rule.Initial(TorchOps.Instance, tensors));
        for (var step = 0; step < Steps; step++)
        {
            var gradient = Numbers();
            (var updated, state) = rule.Step(HostVectorOps.Instance, [theta], [gradient], state, 0.05);
            (tensors, torchState) = rule.Step(TorchOps.Instance, tensors, [tensor(gradient)], torchState, 0.05);
            theta = updated[0].Elements!;
        }

        Tolerance.AssertClose(
            [.. tensors[0].data<float>().ToArray().Select(x => (double)x)], [.. theta.Select(x => (double)x)], Tolerance.Rounding32);

        float[] Numbers() => [.. Enumerable.Range(0, 37).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    public static TheoryData<string, Func<Optimizer>, string> OutOfRange => new()
    {
        { "0", () => Optimizer.Sgd(0), "learningRate must be a finite number above 0" },
        { "-1", () => Optimizer.Adam(-1), "learningRate must be a finite number above 0" },
        { "NaN", () => Optimizer.Sgd(double.NaN), "learningRate must be a finite number above 0" },

        {
            double.PositiveInfinity.ToString(CultureInfo.CurrentCulture), () => Optimizer.Sgd(double.PositiveInfinity),
            "learningRate must be a finite number above 0"
        },
        { "1", () => Optimizer.Sgd(1, 1), "momentum must be at least 0 and below 1" },
        { "-0.1", () => Optimizer.Sgd(1, -0.1), "momentum must be at least 0 and below 1" },
        { "NaN", () => Optimizer.Sgd(1, double.NaN), "momentum must be at least 0 and below 1" },
        { "0", () => Optimizer.Sgd(1, 0, nesterov: true), "momentum must be above 0 for Nesterov momentum" },
        { "1", () => Optimizer.Adam(1, beta1: 1), "beta1 must be at least 0 and below 1" },
        { "-1", () => Optimizer.Adam(1, beta2: -1), "beta2 must be at least 0 and below 1" },
        { "0", () => Optimizer.Adam(1, epsilon: 0), "epsilon must be a finite number above 0" },
        { "-2", () => Optimizer.Sgd(1).WithLearningRate(-2), "learningRate must be a finite number above 0" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Create_OutOfRange_NamesTheConstantItsValueAndWhatIsAllowed(string value, Func<Optimizer> create, string message)
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(create);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"Actual value was {value}.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithLearningRate_OfEachKind_KeepsTheOtherConstants()
    {
        Assert.Equal(Optimizer.Sgd(2, 0.5, nesterov: true), Optimizer.Sgd(1, 0.5, nesterov: true).WithLearningRate(2));
        Assert.Equal(Optimizer.Adam(2, 0.1, 0.2, 0.3), Optimizer.Adam(1, 0.1, 0.2, 0.3).WithLearningRate(2));
    }

    private static optim.Optimizer Torch(Optimizer optimizer, Parameter parameter) => optimizer.Kind == nameof(Optimizer.Adam)
        ? optim.Adam([parameter], optimizer.LearningRate, optimizer.Beta1, optimizer.Beta2, optimizer.Epsilon)
        : optim.SGD([parameter], optimizer.LearningRate, optimizer.Momentum, nesterov: optimizer.Nesterov);
}
