using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Spiking;

public sealed class SpikeEncoderTests
{
    private static readonly PopulationCode _code = new() { Neurons = 11, Width = 0.08 };

    [Fact]
    public void Encode_OfManyThresholds_SpikesAtTheRateOfTheTuningCurves()
    {
        const int steps = 4000;
        using var scope = NewDisposeScope();
        // Two features of one row: 0.3 lies on neuron 3's centre, 0.75 between neurons 7 and 8.
        var spikes = new SpikeEncoder(2, steps, _code, seed: 1).Encode(TorchOps.Instance, tensor([0.3f, 0.75f], [1, 1, 2]));
        Assert.Equal([1, 1, steps, 22], spikes.shape);
        var rates = spikes.mean([2]).data<float>().ToArray();
        for (var neuron = 0; neuron < 22; neuron++)
        {
            var distance = (neuron % 11 / 10.0) - (neuron < 11 ? 0.3 : 0.75);
            // Five standard deviations of the mean of as many coin tosses.
            Assert.Equal(Math.Exp(-distance * distance / (2 * 0.08 * 0.08)), rates[neuron], 5 * 0.5 / Math.Sqrt(steps));
        }
    }

    [Fact]
    public void Encode_OfTheSameNumber_GivesTheSameSpikesAndOfAFarOneOthers()
    {
        using var scope = NewDisposeScope();
        var spikes = new SpikeEncoder(1, 20, _code, seed: 1).Encode(TorchOps.Instance, tensor([0.4f, 0.4f, 0.9f], [1, 3, 1]));
        Assert.True(spikes[0, 0].eq(spikes[0, 1]).all().ToTruth());
        Assert.False(spikes[0, 0].eq(spikes[0, 2]).all().ToTruth());
        Assert.True(spikes.eq(0).logical_or(spikes.eq(1)).all().ToTruth());
    }

    [Fact]
    public void Encode_OutsideTheRange_TakesTheNearestEnd()
    {
        using var scope = NewDisposeScope();
        var spikes = new SpikeEncoder(1, 20, _code, seed: 1).Encode(TorchOps.Instance, tensor(
            [-3f, 0, 1, 7, 1e9f, float.MaxValue, float.PositiveInfinity, float.MinValue], [1, 8, 1]));
        foreach (var (outside, end) in new[] { (0, 1), (3, 2), (4, 2), (5, 2), (6, 2), (7, 1) })
        {
            Assert.True(spikes[0, outside].eq(spikes[0, end]).all().ToTruth());
        }

        Assert.True(spikes[0, 0].sum().ToNumber() > 0);
    }

    [Fact]
    public void Encode_OfSpikes_LeavesThemTimeStepByTimeStep()
    {
        using var scope = NewDisposeScope();
        var spikes = new SpikeEncoder(6, 3, null, seed: 1).Encode(TorchOps.Instance, tensor([1f, 0, 0, 1, 1, 1], [1, 1, 6]));
        Assert.Equal([1, 1, 3, 2], spikes.shape);
        Assert.Equal([0, 1], spikes[0, 0, 1].data<float>().ToArray());
    }
}
