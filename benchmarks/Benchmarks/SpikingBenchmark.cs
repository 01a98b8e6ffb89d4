using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Benchmarks;

/// <summary>
/// Spiking networks for 20 time steps on one thread: simulation of 25 tasks at once, a few at a time and in a loop, at the size of the paper's section 5.4
/// (100 inputs, 100 neurons, 10 rows a task) and at a small one; e-prop's two forms and backpropagation through time.
/// </summary>
/// <remarks>What a loop over tasks costs more is the overhead of calls; what it costs less, at the paper's size, is that one task's weights stay in the processor's cache from step to step.</remarks>
internal sealed class SpikingBenchmark(int inputs, int units, int rowsPerTask)
{
    private const int Steps = 20, Tasks = 25;

    private readonly SpikingNet _net = new(
        new SpikeEncoder(Steps * inputs, Steps, null, 0), new SpikingDynamics(Steps, 30, 30, 0.1), units, 1);

    public static void Run(TextWriter output, int rounds)
    {
        set_num_threads(1);
        var small = new SpikingBenchmark(inputs: 20, units: 20, rowsPerTask: 5);
        var paper = new SpikingBenchmark(inputs: 100, units: 100, rowsPerTask: 10);
        small.Simulations(output, rounds);
        paper.Simulations(output, rounds);
        small.Gradients(output, rounds);
        paper.Gradients(output, rounds);
        paper.Forms(output, Math.Min(rounds, 5));
    }

    private string Size => $"{inputs} inputs, {units} neurons, {rowsPerTask} rows a task";

    private void Simulations(TextWriter output, int rounds)
    {
        using var scope = NewDisposeScope();
        var (phi, features) = (Weights(), Spikes().Features);
        new Paired($"Simulation of {Tasks} tasks, {Size}", rounds, onProcessor: true)
            .Add("all at once", () => Simulate(phi, features))
            .Add("5 at a time", () => EachTask(Tasks / 5, i => Simulate(phi.Select(w => w.narrow(0, 5 * i, 5)), features.narrow(0, 5 * i, 5))))
            .Add("loop over tasks, the same code", () => EachTask(Tasks, t => Simulate(phi.Select(w => w.narrow(0, t, 1)), features.narrow(0, t, 1))))
            .Report(output, repeats: 5);
    }

    private void Gradients(TextWriter output, int rounds)
    {
        using var scope = NewDisposeScope();
        var (phi, rows) = (Weights(), Spikes());
        new Paired($"Gradient of {Tasks} tasks, {Size}", rounds, onProcessor: true)
            .Add("e-prop, all at once", () => EProp(phi, rows))
            .Add("e-prop, 5 at a time", () => EachTask(Tasks / 5, i => EProp(phi.Select(w => w.narrow(0, 5 * i, 5)), Slice(rows, 5 * i, 5))))
            .Add("e-prop, loop over tasks", () => EachTask(Tasks, t => EProp(phi.Select(w => w.narrow(0, t, 1)), Slice(rows, t, 1))))
            .Add("backpropagation through time, all at once", () => Bptt(phi, rows))
            .Report(output, repeats: 5);
    }

    private void Forms(TextWriter output, int rounds)
    {
        using var scope = NewDisposeScope();
        var (phi, rows) = (Weights().Select(w => w.narrow(0, 0, 1)), Slice(Spikes(), 0, 1));
        new Paired($"Gradient of one task, {Size}", rounds, onProcessor: true)
            .Add("e-prop, rearranged", () => EProp(phi, rows))
            .Add("e-prop, online", () => Online(phi, rows))
            .Report(output, repeats: 10);
    }

    private SpikingObjective Objective => new(_net, SpikingError.EveryStep, 1e-5, 0.2);

    private void Simulate(NamedValues<Tensor> phi, Tensor features)
    {
        using var scope = NewDisposeScope();
        _net.Predict(TorchOps.Instance, name => phi[name], features);
    }

    private void EProp(NamedValues<Tensor> phi, Rows<Tensor> rows)
    {
        using var scope = NewDisposeScope();
        EligibilityPropagation.Gradient(TorchOps.Instance, Objective, name => phi[name], rows, regularized: true);
    }

    private void Online(NamedValues<Tensor> phi, Rows<Tensor> rows)
    {
        using var scope = NewDisposeScope();
        OnlineEligibilityPropagation.Gradient(TorchOps.Instance, Objective, name => phi[name], rows, regularized: true);
    }

    private void Bptt(NamedValues<Tensor> phi, Rows<Tensor> rows)
    {
        using var scope = NewDisposeScope();
        var tape = new Tape<Tensor>(TorchOps.Instance);
        var leaves = tape.Leaves(phi);
        var constant = new Rows<Tracked<Tensor>>(tape.Constant(rows.Features), tape.Constant(rows.Targets), tape.Constant(rows.Weights));
        tape.Gradient(Objective.Loss(tape, name => leaves[name], constant, regularized: true), leaves.Values);
    }

    private static void EachTask(int tasks, Action<int> run)
    {
        for (var task = 0; task < tasks; task++)
        {
            using var scope = NewDisposeScope();
            run(task);
        }
    }

    private static Rows<Tensor> Slice(Rows<Tensor> rows, int start, int count) =>
        new(rows.Features.narrow(0, start, count), rows.Targets.narrow(0, start, count), rows.Weights.narrow(0, start, count));

    private NamedValues<Tensor> Weights()
    {
        var random = new Random(1);
        ParameterSpec[] specs = [.. _net.Trunk, .. _net.Head];
        return new NamedValues<Tensor>(
            [.. specs.Select(s => s.Name)], [.. specs.Select(s => tensor(s.Draw(random), [.. s.Shape]).unsqueeze(0).repeat([Tasks, .. s.Shape.Select(_ => 1L)]))]);
    }

    /// <summary>Population-coded numbers: a few neurons around each fire.</summary>
    private Rows<Tensor> Spikes()
    {
        var random = new Random(2);
        var spikes = new float[Tasks * rowsPerTask * Steps * inputs];
        for (var row = 0; row < Tasks * rowsPerTask; row++)
        {
            var centre = random.NextDouble();
            for (var i = 0; i < Steps * inputs; i++)
            {
                var distance = ((double)(i % inputs) / (inputs - 1)) - centre;
                spikes[(row * Steps * inputs) + i] = random.NextDouble() < Math.Exp(-distance * distance / 4e-4) ? 1 : 0;
            }
        }

        return new Rows<Tensor>(
            tensor(spikes, [Tasks, rowsPerTask, Steps, inputs]),
            tensor([.. Enumerable.Range(0, Tasks * rowsPerTask).Select(_ => random.NextSingle())], [Tasks, rowsPerTask, 1]), full([Tasks, rowsPerTask, 1], 1f / rowsPerTask));
    }
}
