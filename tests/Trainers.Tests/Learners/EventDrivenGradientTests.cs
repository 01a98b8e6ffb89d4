using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Numerics;
using MLNetMeta.Trainers.Tests.Cases;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Learners;

/// <summary>What is computed event by event is what is computed by matrices, which weights that autograd records stand for: they are never at hand.</summary>
public sealed class EventDrivenGradientTests
{
    private const int Tasks = 3;

    public static TheoryData<SpikingRule, SpikingError, bool, int> Cases
    {
        get
        {
            var cases = new TheoryData<SpikingRule, SpikingError, bool, int>();
            foreach (var rule in new[] { SpikingRule.EProp, SpikingRule.BackpropagationThroughTime })
            {
                foreach (var error in Enum.GetValues<SpikingError>())
                {
                    cases.Add(rule, error, true, 2);
                    cases.Add(rule, error, false, 1);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradient_EventByEvent_EqualsThatByMatrices(SpikingRule rule, SpikingError error, bool regularized, int outputs)
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net(outputs);
        var (phi, rows) = (SpikingCase.Weights(net, Tasks), SpikingCase.Encoded(net, SpikingCase.Rows(Tasks, 4, outputs)));
        var objective = new SpikingObjective(net, error, RateStrength: 0.4, RateTarget: 0.3);
        var byMatrices = Gradient(rule, objective, Recorded(phi), rows, regularized);
        Assert.InRange(Tolerance.RelativeDistance(Gradient(rule, objective, phi, rows, regularized), byMatrices), 0, Tolerance.Rounding32Constants);

        // The path under test was taken: matrices leave a trace for autograd or not, but only events are possible here.
        Assert.NotNull(EventDrivenGradient.OfRows(TorchOps.Instance, objective, throughTime: true, name => phi[name], rows, regularized));
        Assert.Null(EventDrivenGradient.OfRows(TorchOps.Instance, objective, throughTime: true, name => Recorded(phi)[name], rows, regularized));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Gradient_OfEitherPrecision_EqualsThatByMatrices(ScalarType precision)
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var phi = SpikingCase.Weights(net, Tasks).Select(p => p.to_type(precision));
        var doubles = SpikingCase.Encoded(net, SpikingCase.Rows(Tasks, 4, 2));
        var rows = new Rows<Tensor>(doubles.Features.to_type(precision), doubles.Targets.to_type(precision), doubles.Weights.to_type(precision));
        var objective = new SpikingObjective(net, SpikingError.EveryStep, 0.4, 0.3);
        var actual = Gradient(SpikingRule.EProp, objective, phi, rows, regularized: true);
        Assert.All(actual, g => Assert.Equal(precision, g.dtype));
        Assert.InRange(Tolerance.RelativeDistance(actual, Gradient(SpikingRule.EProp, objective, Recorded(phi), rows, regularized: true)), 0, 1e-5);
    }

    [Fact]
    public void Gradient_OfGradedInputsAndWeightsSharedByTasks_EqualsThatByMatrices()
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var rows = SpikingCase.Encoded(net, SpikingCase.Rows(Tasks, 4, 2));
        rows = rows with { Features = rows.Features.mul(LearnerCase.Normal(new Random(2), Tasks, 4, SpikingCase.Steps, SpikingCase.Inputs)) };
        // As phases start: one task's weights, seen by all.
        var phi = SpikingCase.Weights(net, 1).Select(p => p.expand([Tasks, .. p.shape[1..]]));
        var objective = new SpikingObjective(net, SpikingError.EveryStep, 0.4, 0.3);
        var byMatrices = Gradient(SpikingRule.EProp, objective, Recorded(phi), rows, regularized: true);
        Assert.InRange(Tolerance.RelativeDistance(Gradient(SpikingRule.EProp, objective, phi, rows, regularized: true), byMatrices), 0, Tolerance.Rounding32Constants);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Predict_EventByEvent_EqualsThatByMatrices(int outputs)
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net(outputs);
        var (phi, rows) = (SpikingCase.Weights(net, Tasks), SpikingCase.Encoded(net, SpikingCase.Rows(Tasks, 4, outputs)));
        var (events, matrices) = (net.Predict(TorchOps.Instance, name => phi[name], rows.Features), net.Predict(TorchOps.Instance, name => Recorded(phi)[name], rows.Features));
        Assert.InRange(Tolerance.RelativeDistance([events], [matrices.detach()]), 0, Tolerance.Rounding32Constants);
    }

    [Fact]
    public void Gradient_OfWeightsThatDiverged_SaysSo()
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var rows = SpikingCase.Encoded(net, SpikingCase.Rows(Tasks, 4, 2));
        var phi = SpikingCase.Weights(net, Tasks).Select(p => p.Times(double.NaN));
        var gradient = Gradient(SpikingRule.EProp, new SpikingObjective(net, SpikingError.EveryStep, 0, 0), phi, rows, regularized: false);
        Assert.All(gradient, g => Assert.True(g.isnan().any().ToTruth()));
    }

    private static NamedValues<Tensor> Recorded(NamedValues<Tensor> phi) => phi.Select(p => p.detach().clone().requires_grad_());

    private static Tensor[] Gradient(SpikingRule rule, SpikingObjective objective, NamedValues<Tensor> phi, Rows<Tensor> rows, bool regularized) =>
        Array.ConvertAll(
            rule == SpikingRule.EProp
                ? EligibilityPropagation.Gradient(TorchOps.Instance, objective, name => phi[name], rows, regularized)
                : BackpropagationThroughTime.Gradient(TorchOps.Instance, objective, name => phi[name], rows, regularized),
            g => g.detach());
}
