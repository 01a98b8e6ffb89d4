using System.Buffers;
using System.Numerics;
using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Networks;

/// <summary>Rows of one task in a <see cref="SpikingNet"/>, event by event: of each time step only the neurons that spike are looked at.</summary>
/// <remarks>
/// The same as <see cref="SpikingNet"/>'s products of matrices, but for the order of sums. Population codes leave nearly all inputs silent, and most neurons are silent most of the
/// time, so that nine tenths of those products are with zero.
/// </remarks>
internal sealed class EventSimulation<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly SpikingDynamics _dynamics;
    private readonly int _inputs;
    private readonly int _units;
    private readonly T[] _potentials;
    private readonly int[] _spikes;
    private readonly int[] _spikeCounts;
    private readonly T[] _ones;
    private readonly int[] _inputNeurons;
    private readonly T[] _inputStrengths;
    private readonly int[] _inputCounts;

    /// <param name="dynamics">Constants of the neurons.</param>
    /// <param name="rows">Rows to remember.</param>
    /// <param name="inputs">Input neurons.</param>
    /// <param name="units">Neurons.</param>
    public EventSimulation(SpikingDynamics dynamics, int rows, int inputs, int units)
    {
        _dynamics = dynamics;
        _inputs = inputs;
        _units = units;
        var moments = rows * dynamics.Steps;
        _potentials = ArrayPool<T>.Shared.Rent(moments * units);
        _spikes = ArrayPool<int>.Shared.Rent(moments * units);
        _spikeCounts = new int[moments];
        _ones = new T[units];
        _ones.AsSpan().Fill(T.One);
        _inputNeurons = ArrayPool<int>.Shared.Rent(moments * inputs);
        _inputStrengths = ArrayPool<T>.Shared.Rent(moments * inputs);
        _inputCounts = new int[moments];
    }

    /// <summary>Presents a row.</summary>
    /// <param name="row">Where to remember it.</param>
    /// <param name="features">Input spikes, <c>[time, inputs]</c>.</param>
    /// <param name="inputWeight"><c>[inputs, units]</c>.</param>
    /// <param name="recurrentWeight"><c>[units, units]</c>.</param>
    public void Run(int row, ReadOnlySpan<T> features, ReadOnlySpan<T> inputWeight, ReadOnlySpan<T> recurrentWeight)
    {
        var (decay, threshold) = (T.CreateTruncating(_dynamics.MembraneDecay), T.CreateTruncating(_dynamics.Threshold));
        for (var step = 0; step < _dynamics.Steps; step++)
        {
            var moment = Moment(row, step);
            _inputCounts[moment] = Events<T>.FindNonzero(
                features.Slice(step * _inputs, _inputs), _inputNeurons.AsSpan(moment * _inputs, _inputs), _inputStrengths.AsSpan(moment * _inputs, _inputs));
            var potential = _potentials.AsSpan(moment * _units, _units);
            potential.Clear();
            Inputs(row, step).AddRowsTo(potential, inputWeight, T.One);
            if (step > 0)
            {
                Vectors.AddScaled(potential, Potentials(row, step - 1), decay);
                var spikes = Spikes(row, step - 1);
                foreach (var neuron in spikes.Neurons)
                {
                    potential[neuron] -= threshold;
                }

                spikes.AddRowsTo(potential, recurrentWeight, T.One);
            }

            _spikeCounts[moment] = Events<T>.FindAbove(potential, threshold, _spikes.AsSpan(moment * _units, _units));
        }
    }

    /// <summary>vₜ of all neurons, before the reset.</summary>
    public ReadOnlySpan<T> Potentials(int row, int step) => _potentials.AsSpan(Moment(row, step) * _units, _units);

    /// <summary>xₜ.</summary>
    public Events<T> Inputs(int row, int step)
    {
        var moment = Moment(row, step);
        return new Events<T>(_inputNeurons.AsSpan(moment * _inputs, _inputCounts[moment]), _inputStrengths.AsSpan(moment * _inputs, _inputCounts[moment]));
    }

    /// <summary>zₜ.</summary>
    public Events<T> Spikes(int row, int step)
    {
        var moment = Moment(row, step);
        return new Events<T>(_spikes.AsSpan(moment * _units, _spikeCounts[moment]), _ones);
    }

    public void Dispose()
    {
        ArrayPool<T>.Shared.Return(_potentials);
        ArrayPool<int>.Shared.Return(_spikes);
        ArrayPool<int>.Shared.Return(_inputNeurons);
        ArrayPool<T>.Shared.Return(_inputStrengths);
    }

    private int Moment(int row, int step) => (row * _dynamics.Steps) + step;
}
