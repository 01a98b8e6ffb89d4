using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Evaluation;

/// <summary>Measures predicted targets, episode by episode; missing ones are passed over.</summary>
/// <param name="data">The rows that episodes are of.</param>
internal sealed class RegressionMeter(TaskData data) : IMeter
{
    private readonly List<string> _tasks = [];
    private readonly List<double> _squaredErrors = [];
    private readonly List<double> _absoluteErrors = [];
    private readonly List<double> _coverages = [];
    private readonly List<double> _widths = [];
    private double _errors;
    private double _deviations;

    public void Add(Episode episode, EpisodeScores predicted)
    {
        if (episode.Task is { } task)
        {
            _tasks.Add(task);
        }

        var (squared, absolute, observed, covered, width) = (0.0, 0.0, 0, 0, 0.0);
        for (var output = 0; output < data.OutputCount; output++)
        {
            var targets = Array.ConvertAll(episode.Query, row => data.TargetsOf(row)[output]);
            var known = targets.Where(target => !float.IsNaN(target)).ToArray();
            var mean = known.Length == 0 ? 0 : known.Average();
            _deviations += known.Sum(target => (target - mean) * (double)(target - mean));
            observed += known.Length;
            for (var i = 0; i < targets.Length; i++)
            {
                if (!float.IsNaN(targets[i]))
                {
                    var at = (i * data.OutputCount) + output;
                    var error = (double)predicted.Scores[at] - targets[i];
                    squared += error * error;
                    absolute += Math.Abs(error);
                    covered += predicted.HalfWidths is { } widths && Math.Abs(error) <= widths[at] ? 1 : 0;
                    width += 2 * (predicted.HalfWidths?[at] ?? 0);
                }
            }
        }

        _errors += squared;
        _squaredErrors.Add(squared / observed);
        _absoluteErrors.Add(absolute / observed);
        if (predicted.HalfWidths is not null)
        {
            _coverages.Add((double)covered / observed);
            _widths.Add(width / observed);
        }
    }

    public FewShotMetrics Metrics() => new("MeanSquaredError", _squaredErrors, [
        new FewShotMetrics("MeanAbsoluteError", _absoluteErrors),
        .. _coverages.Count == 0 ? [] : (FewShotMetrics[])[new("Coverage", _coverages), new("IntervalWidth", _widths)],
    ])
    {
        Tasks = _tasks,
        RSquared = _deviations > 0 ? 1 - (_errors / _deviations) : double.NaN,
    };
}
