namespace MLNetMeta.Testing;

/// <summary>What <see cref="TinyLearner"/> computes, in float64 and plain loops: the independent answer to compare with.</summary>
internal sealed class TinyOracle
{
    private readonly TinyLearner _learner;
    private readonly int _outputs;
    private readonly double[,] _weights;
    private readonly double[] _bias;

    /// <summary>Adapts; <paramref name="targets"/> are one-hot rows (classification) or targets in their own units.</summary>
    public TinyOracle(TinyLearner learner, float[][] features, float[][] targets, int steps)
    {
        _learner = learner;
        _outputs = targets[0].Length;
        _weights = new double[learner.Features, _outputs];
        _bias = new double[_outputs];
        for (var step = 0; step < steps; step++)
        {
            Descend(features, targets);
        }
    }

    /// <summary>Class probabilities, or predictions in the units of the targets.</summary>
    public double[] Score(float[] row)
    {
        var outputs = Outputs(row);
        return _learner.IsRegression
            ? [.. outputs.Select((value, i) => value * _learner.TargetScales.ElementAt(i) + _learner.TargetMeans.ElementAt(i))]
            : Softmax(outputs);
    }

    private void Descend(float[][] features, float[][] targets)
    {
        var weights = new double[_learner.Features, _outputs];
        var bias = new double[_outputs];
        for (var row = 0; row < features.Length; row++)
        {
            var outputs = Outputs(features[row]);
            var predictions = _learner.IsRegression ? outputs : Softmax(outputs);
            for (var o = 0; o < _outputs; o++)
            {
                var target = _learner.IsRegression
                    ? (targets[row][o] - _learner.TargetMeans.ElementAt(o)) / (double)_learner.TargetScales.ElementAt(o)
                    : targets[row][o];
                var gradient = (predictions[o] - target) / features.Length;
                bias[o] += gradient;
                for (var i = 0; i < _learner.Features; i++)
                {
                    weights[i, o] += Standard(features[row], i) * gradient;
                }
            }
        }

        for (var o = 0; o < _outputs; o++)
        {
            _bias[o] -= _learner.Rate * bias[o];
            for (var i = 0; i < _learner.Features; i++)
            {
                _weights[i, o] -= _learner.Rate * weights[i, o];
            }
        }
    }

    private double[] Outputs(float[] row) => [.. Enumerable.Range(0, _outputs).Select(o =>
        _bias[o] + Enumerable.Range(0, _learner.Features).Sum(i => Standard(row, i) * _weights[i, o]))];

    private double Standard(float[] row, int i) =>
        (row[i] - _learner.FeatureMeans.ElementAt(i)) / (double)_learner.FeatureScales.ElementAt(i);

    private static double[] Softmax(double[] values)
    {
        var powers = values.Select(value => Math.Exp(value - values.Max())).ToArray();
        return [.. powers.Select(power => power / powers.Sum())];
    }
}
