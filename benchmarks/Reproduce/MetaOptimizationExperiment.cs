using System.CommandLine;
using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Meta;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Numerics;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce;

/// <summary>Section 5.2 of the paper: one weight decay per synapse, learned against a validation set, at equal gradient evaluations.</summary>
/// <remarks>
/// Every outer step draws a mini-batch of training and one of validation rows, trains from the same random start and estimates ∂L_validation/∂log λ.
/// Differs from the paper: log λ is learned in place of λ ≥ 0, and a mini-batch lasts for one outer step, not for one inner step.
/// </remarks>
internal static class MetaOptimizationExperiment
{
    private static readonly Option<string?> _csv = new("--csv") { Description = "A table with a header, for example LetterRecognition.csv" };

    private static readonly Option<string> _target = new("--target") { Description = "Its column of classes", DefaultValueFactory = _ => "lettr" };

    private static readonly Option<string?> _mnist = new("--mnist") { Description = "Folder of MNIST's original files (train-images-idx3-ubyte, train-labels-idx1-ubyte)" };

    private static readonly Option<int> _rows = Setting.AtLeastOne("--rows", "Training rows, and as many validation rows; the rest is for testing, 5000 at most", 600);

    private static readonly Optimizer _inner = Optimizer.Sgd(0.05, 0.9, nesterov: true);

    private sealed record Plan(int Batch, int OuterSteps, int FreeSteps, int Extra);

    private sealed record Result(double Validation, double Test, double TestBoth, double Train);

    public static Command Command() => Setting.Command(
        "meta-optimization", "One regularisation strength per synapse against a validation set: contrastive, CG, Neumann, T1-T2, truncated", Run, _csv, _target, _mnist, _rows);

    private static void Run(Setting setting, ParseResult parsed)
    {
        var (csv, mnist, rows) = (parsed.GetValue(_csv), parsed.GetValue(_mnist), parsed.GetValue(_rows));
        if (csv is null == mnist is null)
        {
            throw new ArgumentException("Give either --csv FILE or --mnist FOLDER.");
        }

        TorchRuntime.EnsureLoaded();
        set_num_threads(setting.Threads);
        var data = csv is not null ? LabelledRows.FromTable(csv, parsed.GetValue(_target)!) : LabelledRows.FromMnist(mnist!);
        var plan = setting.Quick ? new Plan(rows, 3, 20, 8) : new Plan(Math.Min(rows, 500), 60, 200, 50);
        var rules = new (string Name, IMetaGradientRule? Rule)[]
        {
            ("λ as at first, not learned", null),
            ("contrastive", new ContrastiveRule(Stencil.Forward, 0.3, Free(0), new Phase(_inner, plan.Extra))),
            ("conjugate gradient", new ImplicitRule(new ConjugateGradientSolver(plan.Extra / 2), Free(0))),
            ("Neumann series", new ImplicitRule(new NeumannSolver(plan.Extra / 2, 0.1), Free(0))),
            ("T1-T2", new ImplicitRule(new IdentitySolver(), Free(plan.Extra))),
            ("truncated unrolling", new UnrolledRule(plan.Extra / 2, Free(0))),
        };
        var name = csv is not null ? Path.GetFileNameWithoutExtension(csv) : "MNIST";
        var table = new Table(
            $"Meta-optimisation of λ on {name}: accuracy, %", "method", "train", "validation", "test", "test, retrained on train + validation");
        var journal = new Journal(setting);
        foreach (var (method, rule) in rules)
        {
            var result = journal.Do($"{name} {rows} {method}", () => Measure(setting, data, rows, plan, method, rule));
            table.Add(method, Math.Round(100 * result.Train, 2), Math.Round(100 * result.Validation, 2), Math.Round(100 * result.Test, 2), Math.Round(100 * result.TestBoth, 2));
        }

        table.Note(FormattableString.Invariant(
            $"{rows} training and {rows} validation rows, mini-batches of {plan.Batch}, {plan.OuterSteps} outer Adam steps (0.1), {plan.FreeSteps} + {plan.Extra} gradient evaluations each; tanh, 64-64; λ = 1e-3 at first."));
        table.Note("CIFAR-10 with LeNet, and MNIST with its network of five layers, are not reproduced here.");
        table.Write(setting, $"meta-optimization-{name}");

        Phase Free(int more) => new(_inner, plan.FreeSteps + more);
    }

    private static Result Measure(Setting setting, LabelledRows data, int rows, Plan plan, string method, IMetaGradientRule? rule)
    {
        if (data.Classes.Length < (2 * rows) + 1)
        {
            throw new ArgumentException($"The data has {data.Classes.Length} rows: {rows} training and {rows} validation rows leave none for testing. Lower --rows.");
        }

        var order = Enumerable.Range(0, data.Classes.Length).ToArray();
        new Random(setting.Seed).Shuffle(order);
        var (train, validation, test) = (order[..rows], order[rows..(2 * rows)], order[(2 * rows)..Math.Min(order.Length, (2 * rows) + 5000)]);
        var learner = new SynapticRegularization(new Mlp(data.Width, [64, 64], data.ClassCount, Activation.Tanh), TaskLoss.CrossEntropy, 1e-3);
        using var whole = Batch(data.Pick(train, "training"), data.Pick(validation, "validation"));
        var theta = SlowParameters.Draw(learner.Slow, new Random(setting.Seed), CPU);
        using var optimizer = new MetaOptimizer(Optimizer.Adam(0.1), null, theta);
        AnsiConsole.Progress().Start(shown =>
        {
            var bar = shown.AddTask(method, maxValue: plan.OuterSteps);
            for (var step = 0; rule is not null && step < plan.OuterSteps; step++)
            {
                var random = new Random((setting.Seed * 1000) + step);
                using var batch = Batch(data.Batch(Draw(random, train, plan.Batch)), data.Batch(Draw(random, validation, plan.Batch)));
                using var estimate = rule.Estimate(learner, theta, batch);
                var next = optimizer.Step(theta, estimate.Gradient, 0.1);
                theta.Dispose();
                theta = next;
                bar.Value = step + 1;
            }
        });

        var final = new Phase(_inner, 5 * plan.FreeSteps);
        using var tested = Batch(data.Batch([.. train, .. validation]), data.Batch(test));
        using var testing = Batch(data.Batch(train), data.Batch(test));
        var result = new Result(
            Accuracy(learner, theta, whole, final, b => b.Query), Accuracy(learner, theta, testing, final, b => b.Query),
            Accuracy(learner, theta, tested, final, b => b.Query), Accuracy(learner, theta, whole, final, b => b.Support));
        theta.Dispose();
        return result;
    }

    private static double Accuracy(ILearner learner, Parameters theta, EpisodeBatch batch, Phase phase, Func<EpisodeBatch, Rows<Tensor>> of)
    {
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch);
        var rows = of(batch);
        var predictions = problem.Predict(Settle.Run(problem, problem.InitialFast(), 0, phase).Phi, rows.Features);
        return predictions.argmax(-1).eq(rows.Targets.argmax(-1)).to(ScalarType.Float64).mean().item<double>();
    }

    private static EpisodeBatch Batch(Rows<Tensor> support, Rows<Tensor> query) => new(support, query);

    private static int[] Draw(Random random, int[] from, int count)
    {
        var copy = (int[])from.Clone();
        random.Shuffle(copy);
        return copy[..count];
    }
}
