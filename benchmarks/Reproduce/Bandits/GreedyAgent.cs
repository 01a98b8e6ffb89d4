using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Bandits;

/// <summary>Chooses the arm whose predicted reward is largest: what it explores is what meta-training taught it to expect.</summary>
/// <param name="runs">The runs.</param>
/// <param name="network">What predicts; owned from now on.</param>
internal sealed class GreedyAgent(BanditRuns runs, ReplayNetwork network) : IBanditAgent
{
    public int Span(int pull) => network.NextTraining(pull) - pull;

    public long[] Choose(int first, int span)
    {
        if (first < RoundRobin.Pulls)
        {
            return RoundRobin.Choose(runs.Runs, first, span);
        }

        using var scope = NewDisposeScope();
        return network.Predict(first, span).argmax(-1).contiguous().data<long>().ToArray();
    }

    public void Learn(int pulls) => network.TrainWhenDue(pulls);

    public void Dispose() => network.Dispose();
}
