using TorchSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Torch;

/// <summary>The number of threads belongs to the process: these tests run alone.</summary>
[Collection(TensorCounting.Name)]
public sealed class OneTorchThreadTests : IDisposable
{
    private const int OfTheProgram = 3;

    private readonly int _before = torch.get_num_threads();

    public OneTorchThreadTests() => torch.set_num_threads(OfTheProgram);

    public void Dispose() => torch.set_num_threads(_before);

    [Fact]
    public void Begin_Nested_ReturnsToTheNumberBeforeAtTheLastEnd()
    {
        using (OneTorchThread.Begin())
        {
            using (OneTorchThread.Begin())
            {
                Assert.Equal(1, torch.get_num_threads());
            }

            Assert.Equal(1, torch.get_num_threads());
        }

        Assert.Equal(OfTheProgram, torch.get_num_threads());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Begin_OverlappingOnOtherThreads_ReturnsToTheNumberBefore(bool firstEndsFirst)
    {
        using var first = new Use();
        using var second = new Use();
        Use[] inOrder = firstEndsFirst ? [first, second] : [second, first];
        foreach (var use in inOrder)
        {
            Assert.Equal((1, OfTheProgram), use.End());
        }

        AssertNumberOfTheProgram();
    }

    [Fact]
    public void Fit_OverlappingAnother_LeavesTheNumberAsItWas()
    {
        using var started = new Barrier(2);
        var trainings = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            // Both have begun when either goes on.
            var both = new AtTheFirstReport(() => started.SignalAndWait());
            var options = TinyTraining.OfRegression().WithTraining(t => t with { Progress = both });
            TinyTraining.Regression(options).Dispose();
        })).ToArray();
        Array.ForEach(trainings, t => t.Start());
        Array.ForEach(trainings, t => t.Join());
        AssertNumberOfTheProgram();
    }

    private static void AssertNumberOfTheProgram()
    {
        Assert.Equal(OfTheProgram, torch.get_num_threads());
        var onAFreshThread = 0;
        var thread = new Thread(() => onAFreshThread = torch.get_num_threads());
        thread.Start();
        thread.Join();
        Assert.Equal(OfTheProgram, onAFreshThread);
    }

    /// <summary>A use on a thread of its own, begun when constructed.</summary>
    private sealed class Use : IDisposable
    {
        private readonly ManualResetEventSlim _end = new();
        private readonly Thread _thread;
        private (int During, int After) _numbers;

        public Use()
        {
            using var begun = new ManualResetEventSlim();
            _thread = new Thread(() =>
            {
                using (OneTorchThread.Begin())
                {
                    begun.Set();
                    _end.Wait();
                    _numbers.During = torch.get_num_threads();
                }

                _numbers.After = torch.get_num_threads();
            });
            _thread.Start();
            begun.Wait();
        }

        public (int During, int After) End()
        {
            _end.Set();
            _thread.Join();
            return _numbers;
        }

        public void Dispose()
        {
            End();
            _end.Dispose();
        }
    }

    private sealed class AtTheFirstReport(Action act) : IProgress<MetaTrainingProgress>
    {
        public void Report(MetaTrainingProgress value)
        {
            if (value.Step == 0)
            {
                act();
            }
        }
    }
}
