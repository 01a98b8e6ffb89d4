using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Tests;

public sealed class LeNetTests
{
    public LeNetTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void Forward_OfImages_EqualsTorchsConvolutionsNormalisationsAndPools()
    {
        using var scope = NewDisposeScope();
        const int rows = 3;
        var network = new Network(new LeNet(), 10);
        var random = new Random(1);
        var parameters = network.Trunk.Concat(network.Head).ToDictionary(
            s => s.Name, s => tensor(s.Draw(random)).to(ScalarType.Float64).reshape([.. s.Shape]));
        foreach (var bias in parameters.Keys.Where(k => k.EndsWith("bias", StringComparison.Ordinal)).ToArray())
        {
            parameters[bias] = tensor(
                Enumerable.Range(
                    0, (int)parameters[bias].numel()).Select(_ => random.NextDouble()).ToArray()).reshape(parameters[bias].shape);
        }

        var features = tensor(
            Enumerable.Range(0, rows * network.Inputs).Select(_ => random.NextDouble()).ToArray()).reshape(rows, network.Inputs);
        var actual = network.Forward(TorchOps.Instance, name => parameters[name], features);

        var h = features.reshape(rows, 3, 32, 32);
        foreach (var unit in (string[])["conv1", "conv2"])
        {
            // The oracle has channels first: weights [window · channels, filters] → [filters, channels, 5, 5].
            var weight = parameters[$"{unit}.weight"];
            h = nn.functional.conv2d(h, weight.reshape(5, 5, -1, weight.shape[1]).permute(3, 2, 0, 1).contiguous());
            h = nn.functional.instance_norm(h, null, null, null, null) + parameters[$"{unit}.bias"].reshape(1, -1, 1, 1);
            h = nn.functional.max_pool2d(h.relu(), 2);
        }

        h = h.permute(0, 2, 3, 1).reshape(rows, -1);
        foreach (var unit in (string[])["layer1", "layer2"])
        {
            h = h.matmul(parameters[$"{unit}.weight"]);
            h = (nn.functional.layer_norm(h, [h.shape[1]]) + parameters[$"{unit}.bias"]).relu();
        }

        var expected = h.matmul(parameters["head.weight"]) + parameters["head.bias"];
        Assert.Equal([rows, 10], actual.shape);
        Assert.True(actual.allclose(expected, 1e-8, 1e-8));
    }

    [Fact]
    public void Trunk_OfTheNetwork_HasThePapersUnits() => Assert.Equal(
        ["75x6", "150x16", "400x120", "120x84"],
        new LeNet().Parameters.Where(p => p.Name.EndsWith("weight", StringComparison.Ordinal)).Select(p => $"{p.Shape[0]}x{p.Shape[1]}"));

    [Fact]
    public void Forward_OfOneRow_IsThatOfItsBatch()
    {
        using var scope = NewDisposeScope();
        var network = new Network(new LeNet(), 4);
        var random = new Random(2);
        var parameters = network.Trunk.Concat(network.Head).ToDictionary(s => s.Name, s => tensor(s.Draw(random)).reshape([.. s.Shape]));
        var features = tensor(
            Enumerable.Range(0, 2 * network.Inputs).Select(_ => random.NextSingle()).ToArray()).reshape(2, network.Inputs);
        var both = network.Forward(TorchOps.Instance, name => parameters[name], features);
        var second = network.Forward(TorchOps.Instance, name => parameters[name], features.narrow(0, 1, 1));
        Assert.True(second.allclose(both.narrow(0, 1, 1), 1e-4, 1e-4));
    }
}
