using MLNetMeta.Trainers.Numerics;
using MLNetMeta.Trainers.Tests.Cases;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Numerics;

[Collection(TensorCounting.Name)]
public sealed class ScalarsTests
{
    [Fact]
    public void Arithmetic_DuringGarbageCollections_KeepsItsNumber()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            using var ones = torch.ones(1000, ScalarType.Float64);
            for (var i = 0; i < 20_000; i++)
            {
                using var scope = NewDisposeScope();
                var ops = TorchOps.Instance;
                var difference = ops.Subtract(ops.AddScaled(ops.Scale(ones, 0.0), ones, i), ones);
                Assert.Equal(i * 1000.0, ops.Add(difference, ones).sum().ToDouble());
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }
}
