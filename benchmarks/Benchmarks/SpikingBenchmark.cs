using MLNetMeta.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Benchmarks;

/// <summary>
/// Spiking networks for 20 time steps on one thread: simulation and gradients of 25 tasks at once and in a loop, event by event and by
/// matrices, at the size of the paper's section 5.4 (100 inputs, 100 neurons, 10 rows a task) and at a small one.
/// </summary>
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
    }

    private string Size => $"{inputs} inputs, {units} neurons, {rowsPerTask} rows a task";

    private void Simulations(TextWriter output, int rounds)
    {
        using var scope = NewDisposeScope();
        var (phi, features) = (Weights(), Spikes().Features);
        new Paired($"Simulation of {Tasks} tasks, {Size}", rounds, onProcessor: true)
            .Add("all tasks at once, event by event", () => Predict(phi, features))
            .Add("all tasks at once, by matrices", () => PredictByMatrices(phi, features))
            .Add("loop over tasks, event by event", () => EachTask(t => Predict(Task(phi, t), features.narrow(0, t, 1))))
            .Add("loop over tasks, by matrices", () => EachTask(t => PredictByMatrices(Task(phi, t), features.narrow(0, t, 1))))
            .Add("loop over tasks and time steps, as one would write it", () => EachTask(t => Textbook(phi, features, t)))
            .Report(output, repeats: 20);
    }

    private void Gradients(TextWriter output, int rounds)
    {
        using var scope = NewDisposeScope();
        var (phi, rows, objective) = (Weights(), Spikes(), new SpikingObjective(_net, SpikingError.EveryStep, 1e-5, 0.2));
        void EProp(NamedValues<Tensor> weights, Rows<Tensor> some) =>
            Released(() => EligibilityPropagation.Gradient(TorchOps.Instance, objective, n => weights[n], some, regularized: true));
        void EPropByMatrices(NamedValues<Tensor> weights, Rows<Tensor> some) =>
            Released(() => EligibilityPropagation.ByMatrices(TorchOps.Instance, objective, n => weights[n], some, regularized: true));
        new Paired($"Gradient of {Tasks} tasks, {Size}", rounds, onProcessor: true)
            .Add("e-prop, all tasks at once, event by event", () => EProp(phi, rows))
            .Add("e-prop, all tasks at once, by matrices", () => EPropByMatrices(phi, rows))
            .Add("e-prop, loop over tasks, by matrices", () => EachTask(t => EPropByMatrices(Task(phi, t), Task(rows, t))))
            .Add(
                "e-prop, online, loop over tasks",
                () => EachTask(
                    t => OnlineEligibilityPropagation.Gradient(
                        TorchOps.Instance, objective, n => Task(phi, t)[n], Task(rows, t), regularized: true)))
            .Add("backpropagation through time, all tasks at once, event by event",
                () =>
                    Released(() => BackpropagationThroughTime.Gradient(TorchOps.Instance, objective, n => phi[n], rows, regularized: true)))
            .Add("backpropagation through time, all tasks at once, by matrices",
                () => Released(
                    () => BackpropagationThroughTime.ByMatrices(TorchOps.Instance, objective, n => phi[n], rows, regularized: true)))
            .Report(output, repeats: 10);
    }

    private void Predict(NamedValues<Tensor> phi, Tensor features) =>
        Released(() => _net.Predict(TorchOps.Instance, name => phi[name], features));

    private void PredictByMatrices(NamedValues<Tensor> phi, Tensor features) =>
        Released(
            () => _net.MeanReadout(
                TorchOps.Instance, name => phi[name], _net.Simulate(TorchOps.Instance, name => phi[name], features).Spikes));

    /// <summary>One task by the equations, a time step after the other.</summary>
    private void Textbook(NamedValues<Tensor> phi, Tensor features, int task)
    {
        var (input, recurrent, output) = (
            phi[SpikingNet.InputWeight][task], phi[SpikingNet.RecurrentWeight][task], phi[SpikingNet.ReadoutWeight][task]);
        using Tensor alpha = tensor((float)_net.Dynamics.MembraneDecay), kappa = tensor(
            (float)_net.Dynamics.ReadoutDecay), threshold = tensor((float)_net.Dynamics.Threshold);
        var x = features[task];
        var (v, z) = (zeros(rowsPerTask, units), zeros(rowsPerTask, units));
        var (y, sum) = (zeros(rowsPerTask, 1), zeros(rowsPerTask, 1));
        for (var t = 0; t < Steps; t++)
        {
            v = v.mul(alpha).add(x.select(1, t).matmul(input)).add(z.matmul(recurrent)).sub(z.mul(threshold));
            z = v.gt(threshold).to_type(ScalarType.Float32);
            y = y.mul(kappa).add(z.matmul(output));
            sum = sum.add(y);
        }
    }

    private static void Released(Func<object> run)
    {
        using var scope = NewDisposeScope();
        run();
    }

    private static void EachTask(Action<int> run)
    {
        for (var task = 0; task < Tasks; task++)
        {
            using var scope = NewDisposeScope();
            run(task);
        }
    }

    private static NamedValues<Tensor> Task(NamedValues<Tensor> phi, int task) => phi.Select(w => w.narrow(0, task, 1));

    private static Rows<Tensor> Task(Rows<Tensor> rows, int task) =>
        new(rows.Features.narrow(0, task, 1), rows.Targets.narrow(0, task, 1), rows.Weights.narrow(0, task, 1));

    private NamedValues<Tensor> Weights()
    {
        var random = new Random(1);
        var specs = _net.Weights;
        return new NamedValues<Tensor>(
            [.. specs.Select(s => s.Name)],
            [.. specs.Select(s => tensor(s.Draw(random), [.. s.Shape]).unsqueeze(0).repeat([Tasks, .. s.Shape.Select(_ => 1L)]))]);
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
            tensor([.. Enumerable.Range(0, Tasks * rowsPerTask).Select(_ => random.NextSingle())], [Tasks, rowsPerTask, 1]),
            full([Tasks, rowsPerTask, 1], 1f / rowsPerTask));
    }
}
