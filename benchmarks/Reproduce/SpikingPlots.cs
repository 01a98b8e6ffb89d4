using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using ScottPlot;
using TorchSharp;

namespace MLNetMeta.Reproduce;

/// <summary>What a meta-learned spiking network does with one task.</summary>
internal static class SpikingPlots
{
    private static readonly SpikingNet _net = new(
        new SpikeEncoder(SpikingTasks.Steps * SpikingTasks.Neurons, SpikingTasks.Steps, null, 0),
        new SpikingDynamics(SpikingTasks.Steps, 30, 30, 0.1), 100, 1);

    /// <summary>Spikes of the inputs and the recurrent neurons, and the readout, while the adapted network sees one row.</summary>
    public static void Raster(string path, Learner learner, SpikingTasks.Row[] support, SpikingTasks.Row shown)
    {
        using var scope = torch.NewDisposeScope();
        var (inputs, spikes, readout) = Simulate(learner, support, shown.Features, steps: null);
        var plots = new Multiplot();
        plots.AddPlots(3);
        var figures = plots.GetPlots();
        Dots(figures[0], inputs, "input neuron");
        figures[0].Title(FormattableString.Invariant($"x = {shown.X:F2}, after adaptation to 10 rows"));
        Dots(figures[1], spikes, "recurrent neuron");
        double[] time = [.. Enumerable.Range(1, SpikingTasks.Steps).Select(t => (double)t)];
        figures[2].Add.ScatterLine(time, [.. readout.Select(v => (double)v)]).LegendText = "readout";
        figures[2].Add.HorizontalLine(readout.Average(), 1, Colors.Black).LegendText = "its mean, the prediction";
        figures[2].Add.HorizontalLine(shown.Label, 1, Colors.Red, LinePattern.Dashed).LegendText = "target";
        figures[2].Axes.SetLimitsX(0, SpikingTasks.Steps + 1);
        figures[2].XLabel("time step");
        figures[2].ShowLegend(Edge.Right);
        plots.SavePng(path, 900, 1200);
    }

    /// <summary>Predictions over the range of x before and after adaptation, with the rows learned from.</summary>
    public static void Readout(string path, Learner learner, SpikingTasks.Row[] support)
    {
        using var scope = torch.NewDisposeScope();
        var random = new Random(1);
        double[] xs = [.. Enumerable.Range(0, 101).Select(i => -5 + (i / 10.0))];
        float[] features = [.. xs.SelectMany(x => SpikingTasks.Spikes(x, random))];
        var plot = new Plot();
        foreach (var (name, steps) in new (string, int?)[] { ("before adaptation", 0), ("after adaptation", null) })
        {
            using var weights = Weights(learner, support, steps);
            var y = _net.Predict(
                TorchOps.Instance, n => weights[n], torch.tensor(features, [1, xs.Length, SpikingTasks.Steps, SpikingTasks.Neurons]));
            plot.Add.ScatterLine(xs, [.. y.data<float>().ToArray().Select(v => (double)v)]).LegendText = name;
        }

        var points = plot.Add.ScatterPoints(
            support.Select(r => (double)r.X).ToArray(), support.Select(r => (double)r.Label).ToArray(), Colors.Black);
        points.LegendText = "rows learned from";
        plot.XLabel("x");
        plot.YLabel("mean readout");
        plot.ShowLegend(Edge.Right);
        plot.SavePng(path, 1000, 600);
    }

    private static (float[,] Inputs, float[,] Spikes, float[] Readout) Simulate(
        Learner learner, SpikingTasks.Row[] support, float[] features, int? steps)
    {
        using var weights = Weights(learner, support, steps);
        var inputs = torch.tensor(features, [1, 1, SpikingTasks.Steps, SpikingTasks.Neurons]);
        var record = _net.Simulate(TorchOps.Instance, n => weights[n], inputs);
        var readout = _net.Readout(TorchOps.Instance, n => weights[n], record.Spikes);
        return (Grid(inputs), Grid(record.Spikes), readout.data<float>().ToArray());

        static float[,] Grid(torch.Tensor sequence)
        {
            var (time, neurons) = ((int)sequence.shape[2], (int)sequence.shape[3]);
            var values = sequence.contiguous().data<float>().ToArray();
            var grid = new float[time, neurons];
            Buffer.BlockCopy(values, 0, grid, 0, values.Length * sizeof(float));
            return grid;
        }
    }

    /// <summary>The network's weights after as many steps on the support rows, with a task axis of one.</summary>
    private static Parameters Weights(Learner learner, SpikingTasks.Row[] support, int? steps)
    {
        using var scope = torch.NewDisposeScope();
        using var adapted = learner.Adapt(
            new SupportSet(support.Length, [.. support.SelectMany(r => r.Features)], null, [.. support.Select(r => r.Label)]), steps);
        var specs = _net.Weights;
        var values = adapted.ToTensors().ToDictionary(t => t.Name, t => t.RawData.ToByteArray());
        return new Parameters(new NamedValues<torch.Tensor>([.. specs.Select(s => s.Name)], [.. specs.Select(s =>
        {
            var numbers = new float[s.Size];
            Buffer.BlockCopy(values[$"adapted.{s.Name}"], 0, numbers, 0, numbers.Length * sizeof(float));
            return torch.tensor(numbers, [1, .. s.Shape]);
        })]));
    }

    private static void Dots(Plot plot, float[,] spikes, string neurons)
    {
        var fired = (
            from t in Enumerable.Range(0, spikes.GetLength(0)) from n in Enumerable
                .Range(0, spikes.GetLength(1)) where spikes[t, n] > 0 select (Time: t + 1.0, Neuron: (double)n)).ToArray();
        var dots = plot.Add.ScatterPoints(Array.ConvertAll(fired, f => f.Time), Array.ConvertAll(fired, f => f.Neuron), Colors.Black);
        dots.MarkerSize = 3;
        plot.Axes.SetLimits(0, spikes.GetLength(0) + 1, -1, spikes.GetLength(1));
        plot.YLabel(neurons);
    }
}
