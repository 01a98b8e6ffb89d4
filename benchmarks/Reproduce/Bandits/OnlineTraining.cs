using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Bandits;

/// <summary>How a network is trained between pulls.</summary>
/// <param name="Rule">The optimiser, whose state starts afresh at every training.</param>
/// <param name="LearningRate">Its step size.</param>
/// <param name="Updates">Steps of a training.</param>
/// <param name="Interval">Pulls between two trainings; the first one follows the round robin.</param>
/// <param name="Rows">Rows of a mini-batch, drawn anew for every step; all rows while there are not more.</param>
/// <param name="FromStart">Whether every training begins where the learner begins, and not where the last one ended.</param>
internal sealed record OnlineTraining(IUpdateRule Rule, double LearningRate, int Updates, int Interval, int Rows, bool FromStart = false);
