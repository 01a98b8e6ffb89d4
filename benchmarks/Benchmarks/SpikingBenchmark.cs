using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Benchmarks;

/// <summary>
/// The spiking network of the paper's section 5.4 (100 inputs, 100 neurons, 20 time steps, 10 rows a task) on one thread: simulation and gradients, all
/// tasks at once against a loop over tasks, and e-prop's two forms against backpropagation through time.
/// </summary>
internal static class SpikingBenchmark
{
    private const int Steps = 20, Inputs = 100, Units = 100, Rows = 10;

    private static readonly SpikingNet _net = new(
        new SpikeEncoder(Steps * Inputs, Steps, null, 0), new SpikingDynamics(Steps, 30, 30, 0.1), Units, 1);

    public static void Run(TextWriter output, int rounds)
    {
        set_num_threads(1);
        foreach (var tasks in (int[])[25, 100])
        {
            using var scope = NewDisposeScope();
            var (phi, rows) = (Weights(tasks), Spikes(tasks));
            var (weights, features) = (phi.Select(v => v), rows.Features);
            new Paired($"Simulation of {tasks} tasks of {Rows} rows for {Steps} time steps", rounds)
                .Add("all tasks at once", () => Simulate(weights, features))
                .Add("loop over tasks, the same code", () => EachTask(tasks, t => Simulate(weights.Select(w => w.narrow(0, t, 1)), features.narrow(0, t, 1))))
                .Add("loop over tasks and rows, the same code", () => EachTask(tasks * Rows, i =>
                    Simulate(weights.Select(w => w.narrow(0, i / Rows, 1)), features.narrow(0, i / Rows, 1).narrow(1, i % Rows, 1))))
                .Report(output);
        }

        {
            using var scope = NewDisposeScope();
            var (phi, rows) = (Weights(25), Spikes(25));
            var objective = new SpikingObjective(_net, SpikingError.EveryStep, 1e-5, 0.2);
            new Paired("Gradient of 25 tasks of 10 rows", rounds)
                .Add("e-prop, all tasks at once", () => EProp(objective, phi, rows))
                .Add("e-prop, loop over tasks", () => EachTask(25, t => EProp(objective, phi.Select(w => w.narrow(0, t, 1)), Slice(rows, t))))
                .Add("backpropagation through time, all tasks at once", () => Bptt(objective, phi, rows))
                .Report(output);
            var (one, oneRows) = (phi.Select(w => w.narrow(0, 0, 1)), Slice(rows, 0));
            new Paired("Gradient of one task of 10 rows", Math.Min(rounds, 5))
                .Add("e-prop, rearranged", () => EProp(objective, one, oneRows))
                .Add("e-prop, online", () => Online(objective, one, oneRows))
                .Report(output);
        }
    }

    private static void Simulate(NamedValues<Tensor> phi, Tensor features)
    {
        using var scope = NewDisposeScope();
        _net.Predict(TorchOps.Instance, name => phi[name], features);
    }

    private static void EProp(SpikingObjective objective, NamedValues<Tensor> phi, Rows<Tensor> rows)
    {
        using var scope = NewDisposeScope();
        EligibilityPropagation.Gradient(TorchOps.Instance, objective, name => phi[name], rows, regularized: true);
    }

    private static void Online(SpikingObjective objective, NamedValues<Tensor> phi, Rows<Tensor> rows)
    {
        using var scope = NewDisposeScope();
        OnlineEligibilityPropagation.Gradient(TorchOps.Instance, objective, name => phi[name], rows, regularized: true);
    }

    private static void Bptt(SpikingObjective objective, NamedValues<Tensor> phi, Rows<Tensor> rows)
    {
        using var scope = NewDisposeScope();
        var tape = new Tape<Tensor>(TorchOps.Instance);
        var leaves = tape.Leaves(phi);
        var constant = new Rows<Tracked<Tensor>>(tape.Constant(rows.Features), tape.Constant(rows.Targets), tape.Constant(rows.Weights));
        tape.Gradient(objective.Loss(tape, name => leaves[name], constant, regularized: true), leaves.Values);
    }

    private static void EachTask(int tasks, Action<int> run)
    {
        for (var task = 0; task < tasks; task++)
        {
            using var scope = NewDisposeScope();
            run(task);
        }
    }

    private static Rows<Tensor> Slice(Rows<Tensor> rows, int task) =>
        new(rows.Features.narrow(0, task, 1), rows.Targets.narrow(0, task, 1), rows.Weights.narrow(0, task, 1));

    private static NamedValues<Tensor> Weights(int tasks)
    {
        var random = new Random(1);
        ParameterSpec[] specs = [.. _net.Trunk, .. _net.Head];
        return new NamedValues<Tensor>(
            [.. specs.Select(s => s.Name)], [.. specs.Select(s => tensor(s.Draw(random), [.. s.Shape]).unsqueeze(0).repeat([tasks, .. s.Shape.Select(_ => 1L)]))]);
    }

    /// <summary>Population-coded numbers: a few neurons around each fire.</summary>
    private static Rows<Tensor> Spikes(int tasks)
    {
        var random = new Random(2);
        var spikes = new float[tasks * Rows * Steps * Inputs];
        for (var row = 0; row < tasks * Rows; row++)
        {
            var centre = random.NextDouble();
            for (var i = 0; i < Steps * Inputs; i++)
            {
                var distance = (double)(i % Inputs) / (Inputs - 1) - centre;
                spikes[(row * Steps * Inputs) + i] = random.NextDouble() < Math.Exp(-distance * distance / 4e-4) ? 1 : 0;
            }
        }

        return new Rows<Tensor>(
            tensor(spikes, [tasks, Rows, Steps, Inputs]), tensor([.. Enumerable.Range(0, tasks * Rows).Select(_ => random.NextSingle())], [tasks, Rows, 1]), full([tasks, Rows, 1], 1f / Rows));
    }
}
