using MLNetMeta.Trainers;

namespace MLNetMeta.GpuCheck;

/// <summary>A learner and tasks for it.</summary>
/// <param name="Name">As it is called in the table.</param>
/// <param name="Learner">The learner.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Free">The free phase.</param>
/// <param name="Support">Support rows of a task.</param>
/// <param name="Query">Query rows of a task.</param>
/// <param name="MostTasks">The largest meta-batch.</param>
internal sealed record Case(string Name, ILearner Learner, ContrastiveSettings Rule, Phase Free, int Support, int Query, int MostTasks)
{
    /// <summary>A 1-40-40-1 ReLU network on 10 + 10 rows, and four blocks of 32 filters on 28 × 28 pixels of five classes.</summary>
    public static IEnumerable<Case> All()
    {
        var regression = new ContrastiveSettings(0.03, NudgingStencil.Symmetric, 10, Optimizer.Sgd(0.003));
        var free = new Phase(Optimizer.Sgd(0.003), 16);
        var perceptron = Mlp.WithReadout(1, [40, 40], 1, Activation.Relu);
        yield return new(
            "multilayer perceptron, complex synapse", new ComplexSynapse(perceptron, TaskLoss.SquaredError, 0.1, learnStrength: true),
            regression,
            free, 10, 10, 4096);
        yield return new(
            "multilayer perceptron, dual system", new DualSystem(perceptron, TaskLoss.SquaredError, 0.1, learnStrength: true), regression,
            free,
            10, 10, 4096);
        var image = new ConvolutionalNetwork(new ImageShape(1, 28, 28));
        var classification = new ContrastiveSettings(0.1, NudgingStencil.Symmetric, 20, Optimizer.Sgd(0.03));
        foreach (
            var (fast, name, most) in new[] { (FastParameters.Head, "readout fast", 256), (FastParameters.All, "all weights fast", 64) })
        {
            var network = ConvNet.WithReadout(image, outputs: null);
            yield return new(
                $"convolutional network, {name}", new ComplexSynapse(network, TaskLoss.CrossEntropy, 0.1, learnStrength: true, fast),
                classification, new Phase(Optimizer.Sgd(0.03), 40), 5, 15, most);
        }
    }

    /// <summary>Random tasks: the same for the same number.</summary>
    public EpisodeRows Draw(TaskRange tasks)
    {
        return new EpisodeRows(Rows(Support, 1), Rows(Query, 2), tasks.First);

        Rows<HostTensor> Rows(int rows, int part)
        {
            var (features, columns) = (Learner.Network.Inputs, Learner.Loss == TaskLoss.CrossEntropy ? 5 : 1);
            var (x, y) = (new float[tasks.Count * rows * features], new float[tasks.Count * rows * columns]);
            for (var task = 0; task < tasks.Count; task++)
            {
                var random = tasks.Generator(part, tasks.First + task);
                for (var i = 0; i < rows; i++)
                {
                    var row = (task * rows) + i;
                    for (var f = 0; f < features; f++)
                    {
                        x[(row * features) + f] = (float)random.NextNormal();
                    }

                    y[(row * columns) + (columns == 1 ? 0 : i % columns)] = columns == 1 ? (float)random.NextNormal() : 1;
                }
            }

            return new Rows<HostTensor>(
                new(x, [tasks.Count, rows, features]), new(y, [tasks.Count, rows, columns]),
                new([.. Enumerable.Repeat(1f / rows, tasks.Count * rows)], [tasks.Count, rows, 1]));
        }
    }
}
