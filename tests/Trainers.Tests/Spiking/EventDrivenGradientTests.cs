using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Spiking;

/// <summary>What is computed event by event is what is computed by matrices.</summary>
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
        Assert.InRange(
            Tolerance.RelativeDistance(
                ByEvents(rule, objective, phi, rows, regularized),
                ByMatrices(rule, objective, phi, rows, regularized)), 0, Tolerance.Rounding32Constants);
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
        var rows = new Rows<Tensor>(
            doubles.Features.to_type(precision), doubles.Targets.to_type(precision), doubles.Weights.to_type(precision));
        var objective = new SpikingObjective(net, SpikingError.EveryStep, 0.4, 0.3);
        var actual = ByEvents(SpikingRule.EProp, objective, phi, rows, regularized: true);
        Assert.All(actual, g => Assert.Equal(precision, g.dtype));
        Assert.InRange(Tolerance.RelativeDistance(actual, ByMatrices(SpikingRule.EProp, objective, phi, rows, regularized: true)), 0, 1e-5);
    }

    [Fact]
    public void Gradient_OfGradedInputsAndWeightsSharedByTasks_EqualsThatByMatrices()
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var rows = SpikingCase.Encoded(net, SpikingCase.Rows(Tasks, 4, 2));
        rows = rows with
        {
            Features = rows.Features.mul(NormalTensors.Draw(new Random(2), Tasks, 4, SpikingCase.Steps, SpikingCase.Inputs)),
        };
        // As phases start: one task's weights, seen by all.
        var phi = SpikingCase.Weights(net, 1).Select(p => p.expand([Tasks, .. p.shape[1..]]));
        var objective = new SpikingObjective(net, SpikingError.EveryStep, 0.4, 0.3);
        Assert.InRange(
            Tolerance.RelativeDistance(
                ByEvents(SpikingRule.EProp, objective, phi, rows, regularized: true),
                ByMatrices(SpikingRule.EProp, objective, phi, rows, regularized: true)),
            0, Tolerance.Rounding32Constants);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Predict_EventByEvent_EqualsThatByMatrices(int outputs)
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net(outputs);
        var (phi, rows) = (SpikingCase.Weights(net, Tasks), SpikingCase.Encoded(net, SpikingCase.Rows(Tasks, 4, outputs)));
        var events = net.Predict(TorchOps.Instance, name => phi[name], rows.Features);
        var matrices = net.MeanReadout(
            TorchOps.Instance, name => phi[name], net.Simulate(TorchOps.Instance, name => phi[name], rows.Features).Spikes);
        Assert.InRange(Tolerance.RelativeDistance([events], [matrices]), 0, Tolerance.Rounding32Constants);
    }

    [Fact]
    public void Gradient_OfWeightsThatDiverged_SaysSo()
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var rows = SpikingCase.Encoded(net, SpikingCase.Rows(Tasks, 4, 2));
        var phi = SpikingCase.Weights(net, Tasks).Select(p => p.Times(double.NaN));
        var gradient = ByEvents(SpikingRule.EProp, new SpikingObjective(net, SpikingError.EveryStep, 0, 0), phi, rows, regularized: false);
        Assert.All(gradient, g => Assert.True(g.isnan().any().ToTruth()));
    }

    [Fact]
    public void Gradient_OfWeightsThatAutogradRecords_IsRecorded()
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var (phi, rows) = (
            SpikingCase.Weights(net, Tasks).Select(p => p.requires_grad_()), SpikingCase.Encoded(net, SpikingCase.Rows(Tasks, 4, 2)));
        var objective = new SpikingObjective(net, SpikingError.EveryStep, 0.4, 0.3);
        Assert.All(
            EligibilityPropagation.Gradient(TorchOps.Instance, objective, name => phi[name], rows, regularized: true),
            g => Assert.True(g.requires_grad));
        Assert.True(net.Predict(TorchOps.Instance, name => phi[name], rows.Features).requires_grad);
    }

    private static Tensor[] ByEvents(
        SpikingRule rule, SpikingObjective objective, NamedValues<Tensor> phi, Rows<Tensor> rows, bool regularized) =>
        EventDrivenGradient.OfRows(
            TorchOps.Instance, objective, throughTime: rule == SpikingRule.BackpropagationThroughTime, name => phi[name], rows,
            regularized)!;

    private static Tensor[] ByMatrices(
        SpikingRule rule, SpikingObjective objective, NamedValues<Tensor> phi, Rows<Tensor> rows,
        bool regularized) => rule == SpikingRule.EProp
        ? EligibilityPropagation.ByMatrices(TorchOps.Instance, objective, name => phi[name], rows, regularized)
        : BackpropagationThroughTime.ByMatrices(TorchOps.Instance, objective, name => phi[name], rows, regularized);
}
