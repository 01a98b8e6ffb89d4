using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Learners;

public sealed class LearnerGradientsTests
{
    public LearnerGradientsTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [InlineData("learner")]
    [InlineData("ops")]
    [InlineData("phi")]
    [InlineData("consolidated")]
    public void Gradients_OfNull_NameTheParameter(string missing)
    {
        using var scope = NewDisposeScope();
        var learner = Unless<ILearner>(
            "learner", new ComplexSynapse(Mlp.WithReadout(1, [2], 1, Activation.Tanh), TaskLoss.SquaredError, 1, learnStrength: true));
        var ops = Unless<Ops<Tensor>>("ops", TorchOps.Instance);
        var empty = NamedValues.Of<Tensor>([]);
        var (phi, consolidated) = (Unless("phi", empty), Unless("consolidated", empty));
        var rows = new Rows<Tensor>(ones(1, 1, 1), ones(1, 1, 1), ones(1, 1, 1));
        Assert.Equal(missing, Refused(() => learner.OfLearningLoss(ops, phi, consolidated, rows)));
        Assert.Equal(missing, Refused(() => learner.OfEvaluationLoss(ops, phi, consolidated, rows)));

        T Unless<T>(string name, T value)
            where T : class => name == missing ? null! : value;

        static string? Refused(Func<Tensor[]> call) => Assert.Throws<ArgumentNullException>(call).ParamName;
    }
}
