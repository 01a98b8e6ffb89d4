using MLNetMeta.Reproduce.Bandits;
using Xunit;

namespace MLNetMeta.Reproduce.Tests.Bandits;

[Collection(TensorCounting.Name)]
public sealed class BanditTensorsTests
{
    [Theory]
    [MemberData(nameof(BanditAgentTests.Agents), MemberType = typeof(BanditAgentTests))]
    public void Play_OfALearningAgent_LeavesNoTensors(string name)
    {
        Play();
        Assert.Equal(0, TensorCounting.LeftBehindBy(Play));

        void Play()
        {
            var runs = new BanditRuns(new Wheel(0.5), 2, 45, seed: 1);
            using var agent = BanditAgentTests.Create(name, runs);
            runs.Play(agent);
        }
    }
}
