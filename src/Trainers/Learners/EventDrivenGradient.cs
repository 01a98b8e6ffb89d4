using System.Numerics;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Learners;

/// <summary>e-prop and backpropagation through time, event by event: what only the spikes of a network cost, not its synapses.</summary>
/// <remarks>
/// <para>δₜ = α δₜ₊₁ + hₜ (Σ_{s≥t} κˢ⁻ᵗ W_out eₛ + r + W_rec δₜ₊₁), where e-prop leaves the last term out; then a spike of a neuron at time t adds δₜ to the row of W_in that
/// belongs to it, or δₜ₊₁ to that of W_rec, and Σ_{s≥t} κˢ⁻ᵗ eₛ to that of W_out. See <see cref="EligibilityPropagation"/> for the symbols.</para>
/// <para>The same as that by matrices, but for the order of sums.</para>
/// </remarks>
internal static class EventDrivenGradient
{
    /// <summary>In place of ∂/∂(W_in, W_rec, W_out) of the objective; null where the numbers are not at hand.</summary>
    public static V[]? OfRows<V>(IOps<V> ops, SpikingObjective objective, bool throughTime, Func<string, V> parameters, Rows<V> rows, bool regularized)
    {
        if (ops is not IHostOps<V> host)
        {
            return null;
        }

        V[] weights = [parameters(SpikingNet.InputWeight), parameters(SpikingNet.RecurrentWeight), parameters(SpikingNet.ReadoutWeight)];
        V[] all = [.. weights, rows.Features, rows.Targets, rows.Weights];
        return host.AreAtHand<float>(all) ? OfRows<V, float>(host, objective, throughTime, weights, rows, regularized)
            : host.AreAtHand<double>(all) ? OfRows<V, double>(host, objective, throughTime, weights, rows, regularized)
            : null;
    }

    private static V[] OfRows<V, T>(IHostOps<V> ops, SpikingObjective objective, bool throughTime, V[] weights, Rows<V> rows, bool regularized)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (tasks, rowsPerTask) = (ops.Length(rows.Features, -4), ops.Length(rows.Features, -3));
        var (inputs, units, outputs) = (objective.Net.SpikeInputs, objective.Net.Units, objective.Net.Outputs);
        V[] gradient =
        [
            ops.Zeros<T>([tasks, inputs, units], rows.Features, out var input),
            ops.Zeros<T>([tasks, units, units], rows.Features, out var recurrent),
            ops.Zeros<T>([tasks, units, outputs], rows.Features, out var output),
        ];
        var features = new Blocks<T>(ops.Numbers<T>(rows.Features), tasks);
        var targets = new Blocks<T>(ops.Numbers<T>(rows.Targets), tasks);
        var shares = new Blocks<T>(ops.Numbers<T>(rows.Weights), tasks);
        var inputWeights = new Blocks<T>(ops.Numbers<T>(weights[0]), tasks);
        var recurrentWeights = new Blocks<T>(ops.Numbers<T>(weights[1]), tasks);
        var outputWeights = new Blocks<T>(ops.Numbers<T>(weights[2]), tasks);
        using var presentation = new Presentation<T>(objective, rowsPerTask, throughTime);
        for (var task = 0; task < tasks; task++)
        {
            presentation.Run(features[task], shares[task], inputWeights[task], recurrentWeights[task], regularized);
            presentation.AddGradient(
                shares[task], targets[task], recurrentWeights[task], outputWeights[task], Part(input, task, tasks), Part(recurrent, task, tasks), Part(output, task, tasks));
        }

        return gradient;

        static Span<T> Part(Span<T> numbers, int task, int tasks) => numbers.Slice(task * (numbers.Length / tasks), numbers.Length / tasks);
    }

    /// <summary>The rows of one task, presented to its network. Those whose share of the loss is 0 are left out.</summary>
    private sealed class Presentation<T>(SpikingObjective objective, int rows, bool throughTime) : IDisposable
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly SpikingDynamics _dynamics = objective.Net.Dynamics;
        private readonly EventSimulation<T> _simulation = new(objective.Net.Dynamics, rows, objective.Net.SpikeInputs, objective.Net.Units);
        private readonly T[] _rateSignal = new T[objective.Net.Units];
        private readonly T[] _errors = new T[objective.Net.Dynamics.Steps * objective.Net.Outputs];
        private readonly T[] _ahead = new T[objective.Net.Outputs];
        private readonly T[] _outputWeight = new T[objective.Net.Outputs * objective.Net.Units];
        private readonly T[] _slope = new T[objective.Net.Units];
        private T[] _signal = new T[objective.Net.Units];
        private T[] _delta = new T[objective.Net.Units];

        private int Units => _slope.Length;

        private int Outputs => _ahead.Length;

        /// <summary>Simulates the rows, and finds ∂R/∂z of a row but for its share.</summary>
        public void Run(ReadOnlySpan<T> features, ReadOnlySpan<T> shares, ReadOnlySpan<T> inputWeight, ReadOnlySpan<T> recurrentWeight, bool regularized)
        {
            var spikeTrains = new Blocks<T>(features, rows);
            Array.Fill(_rateSignal, T.CreateTruncating(-objective.RateTarget));
            for (var row = 0; row < rows; row++)
            {
                if (shares[row] != T.Zero)
                {
                    _simulation.Run(row, spikeTrains[row], inputWeight, recurrentWeight);
                    AddRate(row, shares[row] / T.CreateTruncating(_dynamics.Steps));
                }
            }

            var strength = T.CreateTruncating(regularized ? objective.RateStrength / _dynamics.Steps : 0);
            for (var i = 0; i < Units; i++)
            {
                _rateSignal[i] *= strength;
            }
        }

        /// <summary>Adds the gradient of the rows presented last.</summary>
        public void AddGradient(
            ReadOnlySpan<T> shares, ReadOnlySpan<T> targets, ReadOnlySpan<T> recurrentWeight, ReadOnlySpan<T> outputWeight, Span<T> input, Span<T> recurrent, Span<T> output)
        {
            for (var i = 0; i < outputWeight.Length; i++)
            {
                _outputWeight[((i % Outputs) * Units) + (i / Outputs)] = outputWeight[i];
            }

            var targetsOfRows = new Blocks<T>(targets, rows);
            for (var row = 0; row < rows; row++)
            {
                if (shares[row] != T.Zero)
                {
                    FindErrors(row, shares[row], targetsOfRows[row], outputWeight);
                    GoBack(row, shares[row], recurrentWeight, input, recurrent, output);
                }
            }
        }

        public void Dispose() => _simulation.Dispose();

        private void AddRate(int row, T share)
        {
            for (var step = 0; step < _dynamics.Steps; step++)
            {
                foreach (var neuron in _simulation.Spikes(row, step).Neurons)
                {
                    _rateSignal[neuron] += share;
                }
            }
        }

        /// <summary>∂ℓ/∂yₜ of a row.</summary>
        private void FindErrors(int row, T share, ReadOnlySpan<T> targets, ReadOnlySpan<T> outputWeight)
        {
            var errors = _errors.AsSpan();
            var mean = _ahead.AsSpan();
            var decay = T.CreateTruncating(_dynamics.ReadoutDecay);
            errors.Clear();
            mean.Clear();
            for (var step = 0; step < _dynamics.Steps; step++)
            {
                var readout = errors.Slice(step * Outputs, Outputs);
                if (step > 0)
                {
                    Vectors.AddScaled(readout, errors.Slice((step - 1) * Outputs, Outputs), decay);
                }

                _simulation.Spikes(row, step).AddRowsTo(readout, outputWeight, T.One);
                Vectors.AddScaled(mean, readout, T.One / T.CreateTruncating(_dynamics.Steps));
            }

            var scale = share * T.CreateTruncating(objective.ErrorScale);
            for (var i = 0; i < errors.Length; i++)
            {
                errors[i] = ((objective.Error == SpikingError.EveryStep ? errors[i] : mean[i % Outputs]) - targets[i % Outputs]) * scale;
            }
        }

        private void GoBack(int row, T share, ReadOnlySpan<T> recurrentWeight, Span<T> input, Span<T> recurrent, Span<T> output)
        {
            var (membraneDecay, readoutDecay) = (T.CreateTruncating(_dynamics.MembraneDecay), T.CreateTruncating(_dynamics.ReadoutDecay));
            var fromNeurons = new Blocks<T>(recurrentWeight, Units);
            var fromOutputs = new Blocks<T>(_outputWeight, Outputs);
            Array.Clear(_ahead);
            Array.Clear(_delta);
            for (var step = _dynamics.Steps - 1; step >= 0; step--)
            {
                _dynamics.Surrogate.Slope(_simulation.Potentials(row, step), _slope);
                Array.Clear(_signal);
                Vectors.AddScaled(_signal, _rateSignal, share);
                for (var o = 0; o < Outputs; o++)
                {
                    _ahead[o] = (_ahead[o] * readoutDecay) + _errors[(step * Outputs) + o];
                    Vectors.AddScaled(_signal, fromOutputs[o], _ahead[o]);
                }

                for (var neuron = 0; throughTime && neuron < Units; neuron++)
                {
                    _signal[neuron] += _slope[neuron] == T.Zero ? T.Zero : Vectors.Dot(fromNeurons[neuron], _delta);
                }

                Vectors.Multiply(_signal, _slope);
                Vectors.AddScaled(_signal, _delta, membraneDecay);
                if (step + 1 < _dynamics.Steps)
                {
                    _simulation.Spikes(row, step).AddToRows(recurrent, _delta);
                }

                (_signal, _delta) = (_delta, _signal);
                _simulation.Inputs(row, step).AddToRows(input, _delta);
                _simulation.Spikes(row, step).AddToRows(output, _ahead);
            }
        }
    }
}
