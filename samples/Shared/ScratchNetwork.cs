using System.Numerics;
using System.Numerics.Tensors;

namespace MLNetMeta.Samples;

/// <summary>How a network is trained from scratch on a handful of rows.</summary>
/// <param name="Steps">Full-batch Adam steps.</param>
/// <param name="LearningRate">Adam's learning rate; it falls to zero along a cosine.</param>
/// <param name="WeightDecay">Pull of the weights to zero, ½ · decay · ‖w‖² in the loss.</param>
internal sealed record ScratchSettings(int Steps, float LearningRate, float WeightDecay)
{
    public override string ToString() => FormattableString.Invariant($"{Steps} Adam steps at {LearningRate}, weight decay {WeightDecay}");
}

/// <summary>
/// Learning from a few rows without meta-training: the learners' own network (tanh units, the same random initialisation), trained from
/// scratch with backpropagation and Adam. Plain C#, so that thousands of such trainings take seconds.
/// </summary>
internal sealed class ScratchNetwork
{
    private readonly int[] _sizes;
    private readonly float[][] _weights; // layer: [inputs, outputs], row by row
    private readonly float[][] _biases;

    private ScratchNetwork(int[] sizes, int seed)
    {
        _sizes = sizes;
        var random = new Random(seed);
        _weights = new float[sizes.Length - 1][];
        _biases = new float[sizes.Length - 1][];
        for (var layer = 0; layer < _weights.Length; layer++)
        {
            var gain = layer == _weights.Length - 1 ? 1 : 5.0 / 3;
            var scale = gain / Math.Sqrt(sizes[layer]);
            _weights[layer] = [.. Enumerable.Range(0, sizes[layer] * sizes[layer + 1]).Select(_ => (float)(scale * random.NextNormal()))];
            _biases[layer] = new float[sizes[layer + 1]];
        }
    }

    /// <summary>Trains on the support rows and returns the function from features to scores.</summary>
    public static Func<float[], float[]> Train(SupportRows support, IReadOnlyList<int> hiddenUnits, ScratchSettings settings, int seed)
    {
        var network = new ScratchNetwork([support.Features[0].Length, .. hiddenUnits, support.Outputs], seed);
        network.Fit(support, settings);
        return features => network.Forward(features)[^1];
    }

    private void Fit(SupportRows support, ScratchSettings settings)
    {
        float[][] parameters = [.. _weights, .. _biases];
        float[][] gradients = [.. parameters.Select(p => new float[p.Length])];
        Adam[] optimizers = [.. parameters.Select(p => new Adam(p.Length))];
        for (var step = 1; step <= settings.Steps; step++)
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                var decay = i < _weights.Length ? settings.WeightDecay : 0;
                TensorPrimitives.Multiply(parameters[i], decay, gradients[i]);
            }

            for (var row = 0; row < support.Features.Length; row++)
            {
                Backward(support.Features[row], support.Targets[row], support, gradients);
            }

            var rate = settings.LearningRate * 0.5f * (1 + MathF.Cos(MathF.PI * (step - 1) / settings.Steps));
            for (var i = 0; i < parameters.Length; i++)
            {
                optimizers[i].Update(parameters[i], gradients[i], step, rate);
            }
        }
    }

    /// <summary>The activity of every layer, the input first and the scores last.</summary>
    private float[][] Forward(float[] features)
    {
        var activity = new float[_sizes.Length][];
        activity[0] = features;
        for (var layer = 0; layer < _weights.Length; layer++)
        {
            var (inputs, outputs) = (activity[layer], (float[])_biases[layer].Clone());
            for (var i = 0; i < inputs.Length; i++)
            {
                TensorPrimitives.MultiplyAdd(Row(_weights, layer, i), inputs[i], outputs, outputs);
            }

            if (layer < _weights.Length - 1)
            {
                TensorPrimitives.Tanh(outputs, outputs);
            }

            activity[layer + 1] = outputs;
        }

        return activity;
    }

    /// <summary>Adds one row's gradient of the mean loss: cross-entropy of a softmax, or squared error.</summary>
    private void Backward(float[] features, float[] target, SupportRows support, float[][] gradients)
    {
        var activity = Forward(features);
        var delta = activity[^1];
        if (support.IsClassification)
        {
            TensorPrimitives.SoftMax(delta, delta);
        }

        TensorPrimitives.Subtract(delta, target, delta);
        TensorPrimitives.Multiply(delta, (support.IsClassification ? 1f : 2f) / support.Features.Length, delta);
        for (var layer = _weights.Length - 1; layer >= 0; layer--)
        {
            var inputs = activity[layer];
            TensorPrimitives.Add(gradients[_weights.Length + layer], delta, gradients[_weights.Length + layer]);
            var back = new float[inputs.Length];
            for (var i = 0; i < inputs.Length; i++)
            {
                var gradient = Row(gradients, layer, i);
                TensorPrimitives.MultiplyAdd(delta, inputs[i], gradient, gradient);
                back[i] = TensorPrimitives.Dot<float>(Row(_weights, layer, i), delta) * (1 - (inputs[i] * inputs[i]));
            }

            delta = back;
        }
    }

    private Span<float> Row(float[][] matrices, int layer, int row) => matrices[layer].AsSpan(row * _sizes[layer + 1], _sizes[layer + 1]);

    /// <summary>Adam (Kingma and Ba, 2015) with the usual constants.</summary>
    private sealed class Adam(int length)
    {
        private readonly float[] _mean = new float[length];
        private readonly float[] _square = new float[length];

        public void Update(float[] parameters, float[] gradient, int step, float rate)
        {
            var (first, second) = (1 / (1 - MathF.Pow(0.9f, step)), 1 / (1 - MathF.Pow(0.999f, step)));
            var i = 0;
            for (; i <= parameters.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var g = new Vector<float>(gradient, i);
                var m = (0.9f * new Vector<float>(_mean, i)) + (0.1f * g);
                var v = (0.999f * new Vector<float>(_square, i)) + (0.001f * g * g);
                m.CopyTo(_mean, i);
                v.CopyTo(_square, i);
                (
                    new Vector<float>(parameters, i) - (
                        rate * first * m / (Vector.SquareRoot(v * second) + new Vector<float>(1e-8f)))).CopyTo(parameters, i);
            }

            for (; i < parameters.Length; i++)
            {
                _mean[i] = (0.9f * _mean[i]) + (0.1f * gradient[i]);
                _square[i] = (0.999f * _square[i]) + (0.001f * gradient[i] * gradient[i]);
                parameters[i] -= rate * first * _mean[i] / (MathF.Sqrt(_square[i] * second) + 1e-8f);
            }
        }
    }
}
