using System.Numerics;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>e-prop and backpropagation through time, event by event: what only the spikes of a network cost, not its synapses.</summary>
/// <remarks>
/// <para>ρₜ = α ρₜ₊₁ + hₜ (Σ_{s≥t} κˢ⁻ᵗ W_out eₛ + r + W_rec ρₜ₊₁), where e-prop leaves the last term out; then a spike of a neuron at time
/// t adds ρₜ to the row of W_in that belongs to it, or ρₜ₊₁ to that of W_rec, and Σ_{s≥t} κˢ⁻ᵗ eₛ to that of W_out. See
/// <see cref="EligibilityPropagation"/> for the symbols.</para>
/// <para>The same as that by matrices, but for the order of sums.</para>
/// </remarks>
internal static class EventDrivenGradient
{
    /// <summary>In place of ∂/∂(W_in, W_rec, W_out) of the objective; null where the numbers are not at hand.</summary>
    public static V[]? OfRows<V>(
        Ops<V> ops, SpikingObjective objective, bool throughTime, Func<string, V> parameters, Rows<V> rows, bool regularized)
    {
        if (ops is not HostOps<V> host)
        {
            return null;
        }

        V[] weights = [parameters(SpikingNet.InputWeight), parameters(SpikingNet.RecurrentWeight), parameters(SpikingNet.ReadoutWeight)];
        V[] all = [.. weights, rows.Features, rows.Targets, rows.Weights];
        return host.AreAtHand<float>(all) ? OfRows<V, float>(host, objective, throughTime, weights, rows, regularized)
            : host.AreAtHand<double>(all) ? OfRows<V, double>(host, objective, throughTime, weights, rows, regularized)
            : null;
    }

    private static V[] OfRows<V, T>(
        HostOps<V> ops, SpikingObjective objective, bool throughTime, V[] weights, Rows<V> rows, bool regularized)
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
        var features = new FirstAxisSlices<T>(ops.Numbers<T>(rows.Features), tasks);
        var targets = new FirstAxisSlices<T>(ops.Numbers<T>(rows.Targets), tasks);
        var shares = new FirstAxisSlices<T>(ops.Numbers<T>(rows.Weights), tasks);
        var inputWeights = new FirstAxisSlices<T>(ops.Numbers<T>(weights[0]), tasks);
        var recurrentWeights = new FirstAxisSlices<T>(ops.Numbers<T>(weights[1]), tasks);
        var outputWeights = new FirstAxisSlices<T>(ops.Numbers<T>(weights[2]), tasks);
        using var presentation = new Presentation<T>(objective, rowsPerTask, throughTime);
        for (var task = 0; task < tasks; task++)
        {
            presentation.Run(features[task], shares[task], inputWeights[task], recurrentWeights[task], regularized);
            presentation.Gradient(
                shares[task], targets[task], outputWeights[task], Part(input, task, tasks), Part(recurrent, task, tasks),
                Part(output, task, tasks));
        }

        return gradient;

        static Span<T> Part(Span<T> numbers, int task, int tasks) => numbers.Slice(task * (numbers.Length / tasks), numbers.Length / tasks);
    }

    /// <summary>The rows of one task after another, presented to its network. Those whose share of the loss is 0 are left out.</summary>
    private sealed class Presentation<T> : IDisposable
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly SpikingObjective _objective;
        private readonly SpikingDynamics _dynamics;
        private readonly int _rows;
        private readonly bool _throughTime;
        private readonly int _outputs;
        private readonly EventSimulation<T> _simulation;
        private readonly T[] _errors;
        private readonly T[] _ahead;

        // Matrices of weights have a column for each neuron, so that of the readout a row for each output.
        private readonly PaddedMatrix<T> _outputWeight;
        private readonly PaddedMatrix<T> _input;
        private readonly PaddedMatrix<T> _recurrent;
        private readonly PaddedMatrix<T> _output;

        // Rows: what regularises rates, h, ρₜ and ρₜ₊₁ in turns.
        private readonly PaddedMatrix<T> _neurons;

        public Presentation(SpikingObjective objective, int rows, bool throughTime)
        {
            var net = objective.Net;
            (_objective, _dynamics, _rows, _throughTime, _outputs) = (objective, net.Dynamics, rows, throughTime, net.Outputs);
            _simulation = new EventSimulation<T>(net, rows);
            _errors = new T[net.Dynamics.Steps * net.Outputs];
            _ahead = new T[net.Outputs];
            _outputWeight = new PaddedMatrix<T>(net.Outputs, net.Units);
            _input = new PaddedMatrix<T>(net.SpikeInputs, net.Units);
            _recurrent = new PaddedMatrix<T>(net.Units, net.Units);
            _output = new PaddedMatrix<T>(net.Outputs, net.Units);
            _neurons = new PaddedMatrix<T>(4, net.Units);
        }

        private Span<T> RateSignal => _neurons[0];

        private Span<T> Slope => _neurons[1];

        /// <summary>Simulates the rows of a task, and finds ∂R/∂z of a row but for its share.</summary>
        public void Run(
            ReadOnlySpan<T> features, ReadOnlySpan<T> shares, ReadOnlySpan<T> inputWeight, ReadOnlySpan<T> recurrentWeight,
            bool regularized)
        {
            _simulation.InputWeight.CopyFrom(inputWeight);
            _simulation.RecurrentWeight.CopyFrom(recurrentWeight);
            var spikeTrains = new FirstAxisSlices<T>(features, _rows);
            for (var row = 0; row < _rows; row++)
            {
                if (shares[row] != T.Zero)
                {
                    _simulation.Run(row, spikeTrains[row]);
                }
            }

            RateSignal.Clear();
            if (regularized && _objective.RegularizesRates)
            {
                FindRateSignal(shares);
            }
        }

        /// <summary>The gradient of the rows presented last.</summary>
        public void Gradient(
            ReadOnlySpan<T> shares, ReadOnlySpan<T> targets, ReadOnlySpan<T> outputWeight, Span<T> input, Span<T> recurrent, Span<T> output)
        {
            _input.Clear();
            _recurrent.Clear();
            _output.Clear();
            for (var i = 0; i < outputWeight.Length; i++)
            {
                _outputWeight[i % _outputs][i / _outputs] = outputWeight[i];
            }

            var targetsOfRows = new FirstAxisSlices<T>(targets, _rows);
            for (var row = 0; row < _rows; row++)
            {
                if (shares[row] != T.Zero)
                {
                    FindErrors(row, shares[row], targetsOfRows[row]);
                    GoBack(row, shares[row]);
                }
            }

            _input.CopyTo(input);
            _recurrent.CopyTo(recurrent);
            for (var i = 0; i < output.Length; i++)
            {
                output[i] = _output[i % _outputs][i / _outputs];
            }
        }

        public void Dispose()
        {
            _simulation.Dispose();
            _outputWeight.Dispose();
            _input.Dispose();
            _recurrent.Dispose();
            _output.Dispose();
            _neurons.Dispose();
        }

        private void FindRateSignal(ReadOnlySpan<T> shares)
        {
            var signal = RateSignal;
            var strength = T.CreateTruncating(_objective.RateStrength / _dynamics.Steps);
            signal[.._objective.Net.Units].Fill(strength * T.CreateTruncating(-_objective.RateTarget));
            for (var row = 0; row < _rows; row++)
            {
                if (shares[row] == T.Zero)
                {
                    continue;
                }

                var spike = strength * shares[row] / T.CreateTruncating(_dynamics.Steps);
                for (var step = 0; step < _dynamics.Steps; step++)
                {
                    foreach (var neuron in _simulation.Spikes(row, step).Neurons)
                    {
                        signal[neuron] += spike;
                    }
                }
            }
        }

        /// <summary>∂ℓ/∂yₜ of a row.</summary>
        private void FindErrors(int row, T share, ReadOnlySpan<T> targets)
        {
            var (decay, scale) = (T.CreateTruncating(_dynamics.ReadoutDecay), share * T.CreateTruncating(_objective.ErrorScale));
            for (var o = 0; o < _outputs; o++)
            {
                var (readout, sum) = (T.Zero, T.Zero);
                var weight = _outputWeight[o];
                for (var step = 0; step < _dynamics.Steps; step++)
                {
                    readout *= decay;
                    foreach (var neuron in _simulation.Spikes(row, step).Neurons)
                    {
                        readout += weight[neuron];
                    }

                    sum += readout;
                    _errors[(step * _outputs) + o] = (readout - targets[o]) * scale;
                }

                var ofMean = ((sum / T.CreateTruncating(_dynamics.Steps)) - targets[o]) * scale;
                for (var step = 0; _objective.Error == SpikingError.TimeAverage && step < _dynamics.Steps; step++)
                {
                    _errors[(step * _outputs) + o] = ofMean;
                }
            }
        }

        private void GoBack(int row, T share)
        {
            var (membraneDecay, readoutDecay) = (T.CreateTruncating(_dynamics.MembraneDecay), T.CreateTruncating(_dynamics.ReadoutDecay));
            Array.Clear(_ahead);
            for (var step = _dynamics.Steps - 1; step >= 0; step--)
            {
                var now = _neurons[2 + (step % 2)];
                var later = _neurons[3 - (step % 2)];
                _dynamics.Surrogate.Slope(_simulation.Potentials(row, step), Slope);
                VectorLoops.Scale(now, RateSignal, share);
                for (var o = 0; o < _outputs; o++)
                {
                    _ahead[o] = (_ahead[o] * readoutDecay) + _errors[(step * _outputs) + o];
                    VectorLoops.AddScaled(now, _outputWeight[o], _ahead[o]);
                    foreach (var neuron in _simulation.Spikes(row, step).Neurons)
                    {
                        _output[o][neuron] += _ahead[o];
                    }
                }

                var isLast = step == _dynamics.Steps - 1;
                if (_throughTime && !isLast)
                {
                    AddRecurrentSignal(now, later);
                }

                VectorLoops.Multiply(now, Slope);
                if (!isLast)
                {
                    VectorLoops.AddScaled(now, later, membraneDecay);
                    _simulation.Spikes(row, step).AddToRows(_recurrent, later);
                }

                _simulation.Inputs(row, step).AddToRows(_input, now);
            }
        }

        /// <summary>W_rec ρₜ₊₁, for the neurons whose slope is not 0.</summary>
        private void AddRecurrentSignal(Span<T> signal, ReadOnlySpan<T> later)
        {
            var slope = Slope;
            for (var neuron = 0; neuron < _objective.Net.Units; neuron++)
            {
                if (slope[neuron] != T.Zero)
                {
                    signal[neuron] += VectorLoops.Dot(_simulation.RecurrentWeight[neuron], later);
                }
            }
        }
    }
}
