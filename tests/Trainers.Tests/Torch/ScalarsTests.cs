using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Torch;

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
            for (var i = 0; i < 10_000; i++)
            {
                using var scope = NewDisposeScope();
                var ops = TorchOps.Instance;
                var difference = ops.Subtract(ops.AddScaled(ops.Scale(ones, 0.0), ones, i), ones);
                Assert.Equal(i * 1000.0, ops.Add(difference, ones).sum().ToNumber());
                Assert.Equal(i * 1000.0, ops.Shift(ones, i - 1).sum().ToNumber());
                Assert.Equal(1000, ones.Squared().sum().ToNumber());
                Assert.True(ones.isfinite().all().ToTruth());
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }
}
