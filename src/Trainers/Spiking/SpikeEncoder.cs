using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>Turns features into spike trains: by a <see cref="PopulationCode"/>, or by taking features that are spikes already.</summary>
internal sealed class SpikeEncoder
{
    private readonly int _steps;
    private readonly PopulationCode? _code;
    private readonly float[] _centres = [];
    private readonly float[] _thresholds = [];

    /// <param name="features">
    /// Number of features of a row: numbers scaled to [0, 1], or <paramref name="steps"/> · inputs spikes, time step by time step.
    /// </param>
    /// <param name="steps">Time steps.</param>
    /// <param name="code">How numbers are encoded; null where features are spikes.</param>
    /// <param name="seed">Seed of the code's thresholds.</param>
    public SpikeEncoder(int features, int steps, PopulationCode? code, int seed)
    {
        Features = features;
        _steps = steps;
        _code = code;
        if (code is null)
        {
            Inputs = features / steps;
            return;
        }

        Inputs = features * code.Neurons;
        _centres = [.. Enumerable.Range(0, code.Neurons).Select(i => (float)i / (code.Neurons - 1))];
        var random = new Random(seed);
        _thresholds = [.. Enumerable.Range(0, steps * Inputs).Select(_ => random.NextSingle())];
    }

    public int Features { get; }

    /// <summary>Input neurons.</summary>
    public int Inputs { get; }

    public object? Describe() => _code is null ? null : new { neurons = _code.Neurons, width = _code.Width };

    /// <summary><c>[.., rows, features]</c> → spikes <c>[.., rows, time, inputs]</c>.</summary>
    public V Encode<V>(Ops<V> ops, V features)
    {
        if (_code is null)
        {
            return ops.SplitLast(features, Inputs);
        }

        // What is outside the range is taken for its end, however far: 1 − max(0, 1 − max(0, x)).
        var inside = Complement(ops.Relu(Complement(ops.Relu(features))));
        var distance = ops.Subtract(ops.SplitLast(inside, 1), ops.Constant(_centres, [1, _centres.Length], features));
        var rates = ops.MergeLast(ops.Exp(ops.Scale(ops.Multiply(distance, distance), -0.5 / (_code.Width * _code.Width))));
        var thresholds = ops.Constant(_thresholds, [_steps, Inputs], features);
        return ops.Relu(ops.Sign(ops.Subtract(ops.SplitLast(rates, Inputs), thresholds)));

        V Complement(V value) => ops.Shift(ops.Scale(value, -1), 1);
    }
}
