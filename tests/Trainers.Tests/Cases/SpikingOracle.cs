using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>
/// The spiking network once more, after the equations, row by row and step by step, for
/// autograd: independent of scans, filters, tape and e-prop.
/// </summary>
/// <param name="dynamics">Constants of the neurons.</param>
/// <param name="throughRecurrence">
/// Whether derivatives pass through recurrent connections; without, autograd computes what e-prop says it does.
/// </param>
internal sealed class SpikingOracle(SpikingDynamics dynamics, bool throughRecurrence)
{
    private readonly double _alpha = Math.Exp(-1 / dynamics.MembraneTimeConstant);

    private readonly double _kappa = Math.Exp(-1 / dynamics.ReadoutTimeConstant);

    /// <summary>Readouts yₜ and spikes zₜ of one row of spikes <c>[steps · inputs]</c> with one task's weights.</summary>
    public (List<Tensor> Readouts, List<Tensor> Spikes) Run(Tensor row, Tensor input, Tensor recurrent, Tensor output)
    {
        var inputs = (int)input.shape[0];
        var (v, z, y) = (
            zeros([recurrent.shape[0]], ScalarType.Float64), zeros([recurrent.shape[0]], ScalarType.Float64),
            zeros([output.shape[1]], ScalarType.Float64));
        var (readouts, spikes) = (new List<Tensor>(), new List<Tensor>());
        for (var t = 0; t < dynamics.Steps; t++)
        {
            var x = row.narrow(0, t * inputs, inputs);
            var heard = throughRecurrence ? z : z.detach();
            v = v.Times(_alpha).Plus(x.matmul(input)).Plus(heard.matmul(recurrent)).Plus(z.detach(), -dynamics.Threshold);
            z = Spike(v);
            y = y.Times(_kappa).Plus(z.matmul(output));
            readouts.Add(y);
            spikes.Add(z);
        }

        return (readouts, spikes);
    }

    /// <summary>Σ over tasks of ℓ + R; weights have a task axis.</summary>
    public Tensor Loss(NamedValues<Tensor> phi, Rows<Tensor> rows, SpikingError error, double rateStrength, double rateTarget)
    {
        var total = zeros([], ScalarType.Float64);
        for (var task = 0; task < rows.Features.shape[0]; task++)
        {
            Tensor? rates = null;
            for (var row = 0; row < rows.Features.shape[1]; row++)
            {
                var (readouts, spikes) = Run(
                    rows.Features[task, row], phi[SpikingNet.InputWeight][task], phi[SpikingNet.RecurrentWeight][task],
                    phi[SpikingNet.ReadoutWeight][task]);
                var target = rows.Targets[task, row];
                var y = stack(readouts);
                var mistake = error == SpikingError.EveryStep
                    ? y.Minus(target).Squared().mean()
                    : y.mean([0]).Minus(target).Squared().mean();
                var weight = rows.Weights[task, row, 0];
                total = total.Plus(mistake.mul(weight));
                var rate = stack(spikes).mean([0]).mul(weight);
                rates = rates is null ? rate : rates.Plus(rate);
            }

            total = total.Plus(rates!.Plus(-rateTarget).Squared().sum(), rateStrength / 2);
        }

        return total;
    }

    private Tensor Spike(Tensor v)
    {
        var distance = v.detach().Plus(-dynamics.Threshold).abs().Times(1 / dynamics.Threshold);
        var slope = nn.functional.relu(ones_like(distance).Minus(distance)).Times(0.3);
        return v.detach().Above(dynamics.Threshold).Plus(v.Minus(v.detach()).mul(slope));
    }
}
