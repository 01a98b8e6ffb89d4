using MLNetMeta.Trainers;
using Xunit;

namespace MLNetMeta.Reproduce.Tests.Theory;

[Collection(TensorCounting.Name)]
public sealed class ExactProblemTensorsTests
{
    [Fact]
    public void Dispose_AfterMeasuringAnErrorAndItsBound_LeavesNoTensors()
    {
        Measure();
        Assert.Equal(0, TensorCounting.LeftBehindBy(Measure));

        static void Measure()
        {
            var phase = new Phase(Optimizer.Adam(0.02), 5);
            using var problem = ExactProblems.Standard(learnStrength: true);
            problem.RelativeError(new ContrastiveRule(Stencil.Forward, 0.1, phase, phase));
            ErrorBound.Of(problem, phase, phase, 0.1);
        }
    }
}
