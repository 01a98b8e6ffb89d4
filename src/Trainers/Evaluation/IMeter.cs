using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Evaluation;

/// <summary>Compares predictions with what is true of the query rows.</summary>
internal interface IMeter
{
    /// <summary>One more episode.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="predicted">What was predicted of its query rows.</param>
    void Add(Episode episode, EpisodeScores predicted);

    /// <summary>What was measured of all episodes so far, of which there is at least one.</summary>
    FewShotMetrics Metrics();
}
