namespace MLNetMeta.RealTasks;

/// <summary>Features and targets with mean 0 and variance 1 over the rows of some tasks; classes one-hot.</summary>
internal sealed class Scale
{
    private readonly TaskSet _set;
    private readonly double[] _mean;
    private readonly double[] _deviation;
    private readonly double _targetMean;
    private readonly double _targetDeviation = 1;

    public Scale(TaskSet set, int[] tasks)
    {
        _set = set;
        int[] rows = [.. tasks.SelectMany(task => set.Tasks[task])];
        (_mean, _deviation) = (new double[set.FeatureCount], new double[set.FeatureCount]);
        for (var f = 0; f < _mean.Length; f++)
        {
            _mean[f] = rows.Average(row => (double)set.Features[row][f]);
            var deviation = Math.Sqrt(rows.Average(row => Math.Pow(set.Features[row][f] - _mean[f], 2)));
            _deviation[f] = deviation > 1e-9 ? deviation : 1;
        }

        if (!set.IsClassification)
        {
            _targetMean = rows.Average(row => (double)set.Targets[row]);
            _targetDeviation = Math.Sqrt(rows.Average(row => Math.Pow(set.Targets[row] - _targetMean, 2)));
        }
    }

    public int Outputs => _set.Classes?.Length ?? 1;

    public double[] X(int row) => [.. _set.Features[row].Select((value, f) => (value - _mean[f]) / _deviation[f])];

    /// <summary>A prediction in the units of the targets, scaled as they are.</summary>
    public double Scaled(double target) => (target - _targetMean) / _targetDeviation;

    public double[] Y(int row)
    {
        if (!_set.IsClassification)
        {
            return [(_set.Targets[row] - _targetMean) / _targetDeviation];
        }

        var oneHot = new double[Outputs];
        oneHot[(int)_set.Targets[row]] = 1;
        return oneHot;
    }

    /// <summary>Predictions in the units of the targets; scores of classes as they are.</summary>
    public double[] Unscaled(double[] y) => _set.IsClassification ? y : [(y[0] * _targetDeviation) + _targetMean];
}
