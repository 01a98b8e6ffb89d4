using System.Buffers;
using System.Numerics;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>
/// Rows of one task after another in a <see cref="SpikingNet"/>, event by event: of each
/// time step only the neurons that spike are looked at.
/// </summary>
/// <remarks>
/// The same as <see cref="SpikingNet"/>'s products of matrices, but for the order of sums. Population codes leave nearly all inputs silent,
/// and most neurons are silent most of the time, so that nine tenths of those products are with zero.
/// </remarks>
internal sealed class EventSimulation<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly SpikingDynamics _dynamics;
    private readonly int _inputs;
    private readonly int _units;
    private readonly PaddedMatrix<T> _potentials;
    private readonly int[] _spikes;
    private readonly int[] _spikeCounts;
    private readonly T[] _ones;
    private readonly int[] _inputNeurons;
    private readonly T[] _inputStrengths;
    private readonly int[] _inputCounts;

    /// <param name="net">The network.</param>
    /// <param name="rows">Rows to remember.</param>
    public EventSimulation(SpikingNet net, int rows)
    {
        (_dynamics, _inputs, _units) = (net.Dynamics, net.SpikeInputs, net.Units);
        var moments = rows * _dynamics.Steps;
        InputWeight = new PaddedMatrix<T>(_inputs, _units);
        RecurrentWeight = new PaddedMatrix<T>(_units, _units);
        _potentials = new PaddedMatrix<T>(moments, _units);
        _spikes = ArrayPool<int>.Shared.Rent(moments * _units);
        _spikeCounts = new int[moments];
        _ones = new T[_units];
        _ones.AsSpan().Fill(T.One);
        _inputNeurons = ArrayPool<int>.Shared.Rent(moments * _inputs);
        _inputStrengths = ArrayPool<T>.Shared.Rent(moments * _inputs);
        _inputCounts = new int[moments];
    }

    /// <summary>W_in of the task at hand, <c>[inputs, units]</c>: a copy, which is near where a task's own numbers are not.</summary>
    public PaddedMatrix<T> InputWeight { get; }

    /// <summary>W_rec of the task at hand, <c>[units, units]</c>.</summary>
    public PaddedMatrix<T> RecurrentWeight { get; }

    /// <summary>Presents a row.</summary>
    /// <param name="row">Where to remember it.</param>
    /// <param name="features">Input spikes, <c>[time, inputs]</c>.</param>
    public void Run(int row, ReadOnlySpan<T> features)
    {
        var (decay, threshold) = (T.CreateTruncating(_dynamics.MembraneDecay), T.CreateTruncating(_dynamics.Threshold));
        for (var step = 0; step < _dynamics.Steps; step++)
        {
            var moment = Moment(row, step);
            var potential = _potentials[moment];
            if (step == 0)
            {
                potential.Clear();
            }
            else
            {
                VectorLoops.Scale(potential, Potentials(row, step - 1), decay);
                var spikes = Spikes(row, step - 1);
                foreach (var neuron in spikes.Neurons)
                {
                    potential[neuron] -= threshold;
                }

                spikes.AddRowsTo(potential, RecurrentWeight);
            }

            FindInputs(moment, features.Slice(step * _inputs, _inputs));
            Inputs(row, step).AddRowsTo(potential, InputWeight);
            _spikeCounts[moment] = SpikingNeurons<T>.FindOutside(
                potential[.._units], T.NegativeInfinity, threshold, _spikes.AsSpan(moment * _units, _units));
        }
    }

    /// <summary>vₜ of all neurons, before the reset; with padding.</summary>
    public ReadOnlySpan<T> Potentials(int row, int step) => _potentials[Moment(row, step)];

    /// <summary>xₜ.</summary>
    public SpikingNeurons<T> Inputs(int row, int step)
    {
        var moment = Moment(row, step);
        return new SpikingNeurons<T>(
            _inputNeurons.AsSpan(moment * _inputs, _inputCounts[moment]), _inputStrengths.AsSpan(moment * _inputs, _inputCounts[moment]));
    }

    /// <summary>zₜ.</summary>
    public SpikingNeurons<T> Spikes(int row, int step)
    {
        var moment = Moment(row, step);
        return new SpikingNeurons<T>(_spikes.AsSpan(moment * _units, _spikeCounts[moment]), _ones);
    }

    public void Dispose()
    {
        InputWeight.Dispose();
        RecurrentWeight.Dispose();
        _potentials.Dispose();
        ArrayPool<int>.Shared.Return(_spikes);
        ArrayPool<int>.Shared.Return(_inputNeurons);
        ArrayPool<T>.Shared.Return(_inputStrengths);
    }

    private void FindInputs(int moment, ReadOnlySpan<T> x)
    {
        var neurons = _inputNeurons.AsSpan(moment * _inputs, _inputs);
        var strengths = _inputStrengths.AsSpan(moment * _inputs, _inputs);
        _inputCounts[moment] = SpikingNeurons<T>.FindOutside(x, T.Zero, T.Zero, neurons);
        for (var e = 0; e < _inputCounts[moment]; e++)
        {
            strengths[e] = x[neurons[e]];
        }
    }

    private int Moment(int row, int step) => (row * _dynamics.Steps) + step;
}
