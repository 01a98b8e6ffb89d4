using System.Numerics.Tensors;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Evaluation;

/// <summary>Measures scores of classes, episode by episode.</summary>
internal sealed class ClassificationMeter : IMeter
{
    public const string Accuracy = "Accuracy";

    private const int Bins = 15;
    private const double SmallestProbability = 1e-15;

    // Sums of float32 probabilities are off by this at most.
    private const float SumTolerance = 1e-3f;

    private readonly List<string> _tasks = [];
    private readonly List<double> _accuracies = [];
    private readonly List<double> _logLosses = [];
    private readonly List<double> _brierScores = [];
    private readonly List<double> _precisions = [];
    private readonly (double Confidence, int Right, int Rows)[] _bins = new (double, int, int)[Bins];
    private bool _areProbabilities = true;

    public void Add(Episode episode, EpisodeScores predicted)
    {
        if (episode.Task is { } task)
        {
            _tasks.Add(task);
        }

        var scores = predicted.Scores;
        var (rows, width) = (episode.Query.Length, scores.Length / episode.Query.Length);
        var (right, logLoss, brier) = (0, 0.0, 0.0);
        for (var i = 0; i < rows; i++)
        {
            var row = scores.AsSpan(i * width, width);
            var truth = episode.QueryClasses[i];
            var largest = TensorPrimitives.Max<float>(row);
            var isRight = row.IndexOf(largest) == truth;
            right += isRight ? 1 : 0;
            _areProbabilities &= TensorPrimitives.Min<float>(row) >= 0 && Math.Abs(TensorPrimitives.Sum<float>(row) - 1) < SumTolerance;
            logLoss -= Math.Log(Math.Max(row[truth], SmallestProbability));
            brier += TensorPrimitives.SumOfSquares<float>(row) - (2 * row[truth]) + 1;
            ref var bin = ref _bins[Math.Clamp((int)(largest * Bins), 0, Bins - 1)];
            bin = (bin.Confidence + largest, bin.Right + (isRight ? 1 : 0), bin.Rows + 1);
        }

        _accuracies.Add((double)right / rows);
        _logLosses.Add(logLoss / rows);
        _brierScores.Add(brier / rows);
        _precisions.Add(episode.QueryClasses.Distinct().Average(c => AveragePrecision(episode.QueryClasses, scores, width, c)));
    }

    public FewShotMetrics Metrics() => new(
        Accuracy, _accuracies, OfProbabilities("LogLoss", _logLosses), OfProbabilities("BrierScore", _brierScores),
        new FewShotMetrics("AveragePrecision", _precisions))
    {
        Tasks = _tasks,
        ExpectedCalibrationError = _areProbabilities
            ? _bins.Sum(bin => Math.Abs(bin.Confidence - bin.Right)) / _bins.Sum(bin => bin.Rows)
            : double.NaN,
    };

    private FewShotMetrics OfProbabilities(string name, List<double> values) =>
        new(name, _areProbabilities ? values : values.ConvertAll(_ => double.NaN));

    /// <summary>The mean, over the rows of a class, of the precision among the rows that score as high or higher.</summary>
    private static double AveragePrecision(int[] classes, float[] scores, int width, int of)
    {
        // Rows of equal score come together, so that their order does not count.
        var groups = classes.Select((c, i) => (Score: scores[(i * width) + of], IsOfClass: c == of))
            .GroupBy(row => row.Score).OrderByDescending(rows => rows.Key);
        var (found, seen, sum) = (0, 0, 0.0);
        foreach (var rows in groups)
        {
            var ofClass = rows.Count(row => row.IsOfClass);
            found += ofClass;
            seen += rows.Count();
            sum += ofClass * (double)found / seen;
        }

        return sum / found;
    }
}
