using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>The mean of the readout over time, event by event.</summary>
internal static class EventDrivenPrediction
{
    /// <summary>
    /// Input spikes <c>[tasks, rows, time, inputs]</c> → <c>[tasks, rows, outputs]</c>; false where the numbers are not at hand.
    /// </summary>
    public static bool TryPredict<V>(
        Ops<V> ops, SpikingNet net, Func<string, V> parameters, V inputs, [MaybeNullWhen(false)] out V predictions)
    {
        predictions = default;
        if (ops is not HostOps<V> host)
        {
            return false;
        }

        V[] weights = [parameters(SpikingNet.InputWeight), parameters(SpikingNet.RecurrentWeight), parameters(SpikingNet.ReadoutWeight)];
        var isSingle = host.AreAtHand<float>([inputs, .. weights]);
        if (!isSingle && !host.AreAtHand<double>([inputs, .. weights]))
        {
            return false;
        }

        predictions = isSingle ? Predict<V, float>(host, net, weights, inputs) : Predict<V, double>(host, net, weights, inputs);
        return true;
    }

    private static V Predict<V, T>(HostOps<V> ops, SpikingNet net, V[] weights, V inputs)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (tasks, rows) = (ops.Length(inputs, -4), ops.Length(inputs, -3));
        var features = new FirstAxisSlices<T>(ops.Numbers<T>(inputs), tasks * rows);
        var input = new FirstAxisSlices<T>(ops.Numbers<T>(weights[0]), tasks);
        var recurrent = new FirstAxisSlices<T>(ops.Numbers<T>(weights[1]), tasks);
        var readout = new FirstAxisSlices<T>(ops.Numbers<T>(weights[2]), tasks);
        var predictions = ops.Zeros<T>([tasks, rows, net.Outputs], inputs, out var numbers);
        var meanWeights = Array.ConvertAll(net.MeanWeights(), T.CreateTruncating);
        var meanTrace = new T[net.Units];
        using var simulation = new EventSimulation<T>(net, rows: 1);
        for (var task = 0; task < tasks; task++)
        {
            simulation.InputWeight.CopyFrom(input[task]);
            simulation.RecurrentWeight.CopyFrom(recurrent[task]);
            for (var row = task * rows; row < (task + 1) * rows; row++)
            {
                simulation.Run(0, features[row]);
                Array.Clear(meanTrace);
                for (var step = 0; step < meanWeights.Length; step++)
                {
                    foreach (var neuron in simulation.Spikes(0, step).Neurons)
                    {
                        meanTrace[neuron] += meanWeights[step];
                    }
                }

                for (var unit = 0; unit < net.Units; unit++)
                {
                    for (var output = 0; output < net.Outputs; output++)
                    {
                        numbers[(row * net.Outputs) + output] += meanTrace[unit] * readout[task][(unit * net.Outputs) + output];
                    }
                }
            }
        }

        return predictions;
    }
}
