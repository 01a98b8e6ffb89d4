using System.CommandLine;
using System.Globalization;
using MLNetMeta.Trainers;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce;

/// <summary>
/// Section 5.2 of the paper: one weight decay per synapse, learned against a validation set, at equal gradient evaluations.
/// </summary>
/// <remarks>
/// Every outer step trains from the same random start on mini-batches of the training rows, in a new order, and estimates
/// ∂L_validation/∂log λ. Differs from the paper: log λ is learned in place of λ ≥ 0, the rules have equal
/// budgets, and the linear solvers take one mini-batch. The test rows are opened by <c>--final</c> alone.
/// </remarks>
internal static class MetaOptimizationExperiment
{
    private const int OmniglotSize = 20;

    // ∂L/∂log λ is of the order of λ, 1e-5 at first, times a change of φ²: with the usual ε Adam would take it for zero.
    private const double TinyEpsilon = 1e-16;

    private static readonly Option<string?> _csv = new("--csv")
    {
        Description = "A table with a header, for example LetterRecognition.csv",
    };

    private static readonly Option<string> _target = new("--target")
    {
        Description = "The column with the classes", DefaultValueFactory = _ => "lettr",
    };

    private static readonly Option<string?> _mnist = new("--mnist")
    {
        Description = "Folder of MNIST's original files (train-images-idx3-ubyte, …, t10k-labels-idx1-ubyte)",
    };

    private static readonly Option<string?> _cifar = new("--cifar")
    {
        Description = "Folder of CIFAR-10: its binary files (data_batch_1.bin, …, test_batch.bin), or folders train and test of strips "
            + "CLASS_N.png, 32 pixels wide with one image below the other",
    };

    private static readonly Option<string?> _omniglot = new("--omniglot")
    {
        Description = "Folder with Omniglot's images_background.zip and images_evaluation.zip; some drawers for training, as many for "
            + "validation, the others for testing",
    };

    private static readonly Option<string> _alphabets = new("--alphabets")
    {
        Description = "Omniglot: alphabets whose characters are the classes", DefaultValueFactory = _ => "Greek,Latin,Hebrew",
    };

    private static readonly Option<int?> _rows = new("--rows")
    {
        Description = "Maximum number of training rows, and of validation rows (table: 600)",
    };

    private static readonly Option<int?> _outer = new("--outer-steps") { Description = "Outer steps, instead of the protocol's" };

    private static readonly Option<int?> _free = new("--free-steps")
    {
        Description = "Steps of the free phase, instead of the protocol's",
    };

    private static readonly Option<double?> _outerRate = new("--outer-rate")
    {
        Description = "Adam's rate for log λ, instead of the protocol's",
    };

    private static readonly Option<int?> _batch = new("--batch") { Description = "Rows of a mini-batch, instead of the protocol's" };

    private static readonly Option<bool> _final = new("--final")
    {
        Description = "Opens the test rows, once for the settings at hand; without it only training and validation rows are measured",
    };

    private static readonly Selection _only = new("rule");

    private static readonly Option<int> _seeds = Setting.AtLeastOne(
        "--seeds", "Repetitions, with different splits and starts", 3);

    /// <param name="Train">Accuracies, 0 to 1.</param>
    /// <param name="Test">Null but in a final run.</param>
    /// <param name="TestBoth">Test accuracy after training on training and validation rows; null but in a final run.</param>
    /// <param name="Losses">Validation loss after the free phase of each outer step.</param>
    private sealed record Result(double Train, double Validation, double? Test, double? TestBoth, double[] Losses);

    public static Command Command() => Setting.Command(
        "meta-optimization", "One regularisation strength per synapse against a validation set: contrastive, CG, Neumann, T1-T2, truncated",
        Run, _csv, _target, _mnist, _cifar, _omniglot, _alphabets, _rows, _outer, _free, _outerRate, _batch, _only.Option, _final, _seeds);

    private static void Run(Setting setting, ParseResult parsed)
    {
        foreach (var option in new[] { _rows, _outer, _free, _batch })
        {
            if (parsed.GetValue(option) < 1)
            {
                throw new ArgumentException($"{option.Name} must be at least 1.");
            }
        }

        if (parsed.GetValue(_outerRate) is { } rate && !(rate > 0 && double.IsFinite(rate)))
        {
            throw new ArgumentException($"{_outerRate.Name} must be above 0 and finite.");
        }

        TorchRuntime.EnsureLoaded();
        set_num_threads(setting.Threads);
        var (name, protocol, split) = Data(parsed);
        protocol = protocol with
        {
            OuterSteps = parsed.GetValue(_outer) ?? protocol.OuterSteps, FreeSteps = parsed.GetValue(_free) ?? protocol.FreeSteps,
            OuterRate = parsed.GetValue(_outerRate) ?? protocol.OuterRate, Batch = parsed.GetValue(_batch) ?? protocol.Batch,
        };
        protocol = setting.Quick ? protocol with { OuterSteps = 2, FreeSteps = 4, ExtraSteps = 2 } : protocol;
        var (isFinal, seeds) = (parsed.GetValue(_final), setting.Quick ? 1 : parsed.GetValue(_seeds));
        var rules = _only.Of(parsed, protocol.Rules, rule => rule.Name);
        var example = split(setting.Seed);
        var source = Source(parsed);
        if (isFinal)
        {
            SealedTest.Open(
                setting, name,
                [
                    source, string.Join(", ", rules.Select(rule => rule.Name)), protocol.Describe(), $"{example.Train.Length} rows",
                    $"seeds {setting.Seed} to {setting.Seed + seeds - 1}",
                ]);
        }

        var journal = new Journal(setting);
        var measured = isFinal ? "test" : "validation";
        var results = rules.ToDictionary(r => r.Name, r => Enumerable.Range(setting.Seed, seeds).Select(seed => journal.Do(
            $"{source} {r.Name} {measured} split {seed} {split(seed).Train.Length} rows {protocol.Describe()}", () =>
                Measure(split(seed), protocol, seed, r.Name, r.Rule, isFinal))).ToArray());
        Write(setting, name, protocol, example, results, isFinal);
    }

    /// <summary>Writes table and plot.</summary>
    private static void Write(
        Setting setting, string name, MetaOptimizationProtocol protocol, DataSplit example, Dictionary<string, Result[]> results,
        bool isFinal)
    {
        var file = $"meta-optimization-{name}{(isFinal ? "" : "-validation")}";
        string[] tested = isFinal ? ["test", "test, trained on train + validation"] : [];
        var table = new Table($"Meta-optimisation of λ on {name}: accuracy, %", ["method", "train", "validation", .. tested]);
        foreach (var (method, all) in results)
        {
            string[] cells = isFinal ? [Percent(all, r => r.Test!.Value), Percent(all, r => r.TestBoth!.Value)] : [];
            table.Add([method, Percent(all, r => r.Train), Percent(all, r => r.Validation), .. cells]);
        }

        var rows = isFinal
            ? $"{example.Train.Length} training, {example.Validation.Length} validation and {example.Test.Length} test rows"
            : $"{example.Train.Length} training and {example.Validation.Length} validation rows";
        table.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{rows} of {example.Data.ClassCount} classes; {protocol.Architecture}; mini-batches of at most {protocol.Batch}. ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{protocol.OuterSteps} outer steps of Adam ({protocol.OuterRate}) on log λ, each with {protocol.FreeSteps} + "
                + $"{protocol.ExtraSteps} gradient evaluations; β {protocol.Beta}, forward, or {protocol.SymmetricBeta}, symmetric; "
                + $"initial λ = {protocol.Strength}. ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{results.First().Value.Length} repetitions with different splits and starts, mean ± 95 % interval (Student's t)."));
        table.Write(setting, file);
        Plots.Lines(
            setting.FileIn($"{file}.png"), $"Meta-optimisation of λ on {name}", "outer step", "validation loss after the free phase",
            results.Where(r => r.Value[0].Losses.Length > 0).Select(
                r => new Curve(
                    r.Key, [.. Enumerable.Range(0, protocol.OuterSteps).Select(i => ((double)i, r.Value.Average(x => x.Losses[i])))])));
    }

    /// <summary>What tells the data apart from others, whatever their folder is called.</summary>
    private static string Source(ParseResult parsed) =>
        parsed.GetValue(_csv) is { } csv ? $"{Path.GetFileName(csv)} {parsed.GetValue(_target)}"
        : parsed.GetValue(_omniglot) is not null ? $"Omniglot {parsed.GetValue(_alphabets)}"
        : parsed.GetValue(_mnist) is not null ? "MNIST"
        : "CIFAR-10";

    /// <summary>Name, protocol and splits of the data set that was chosen.</summary>
    private static (string Name, MetaOptimizationProtocol Protocol, Func<int, DataSplit> Split) Data(ParseResult parsed)
    {
        var rows = parsed.GetValue(_rows);
        var given = new[] { _csv, _mnist, _cifar, _omniglot }.Where(o => parsed.GetValue(o) is not null).ToArray();
        if (given.Length != 1)
        {
            throw new ArgumentException("Give one of --csv FILE, --mnist FOLDER, --cifar FOLDER and --omniglot FOLDER.");
        }

        if (parsed.GetValue(_mnist) is { } mnist)
        {
            var (data, test) = LabelledRows.FromMnist(mnist);
            return ("MNIST", MetaOptimizationProtocol.Mnist, seed => DataSplit.Official(data, test, rows, seed));
        }

        if (parsed.GetValue(_cifar) is { } cifar)
        {
            var (data, test) = LabelledRows.FromCifar(cifar);
            return ("CIFAR-10", MetaOptimizationProtocol.Cifar, seed => DataSplit.Official(data, test, rows, seed));
        }

        if (parsed.GetValue(_omniglot) is { } omniglot)
        {
            var (data, drawers) = LabelledRows.FromOmniglot(
                OmniglotCharacters.Paths(omniglot), parsed.GetValue(_alphabets)!.Split(','), OmniglotSize);
            return ("Omniglot", MetaOptimizationProtocol.Small, seed => DataSplit.ByDrawer(data, drawers, seed));
        }

        var path = parsed.GetValue(_csv)!;
        var table = LabelledRows.FromTable(path, parsed.GetValue(_target)!);
        return (
            Path.GetFileNameWithoutExtension(path), MetaOptimizationProtocol.Small, seed => DataSplit.ByChance(table, rows ?? 600, seed));
    }

    private static Result Measure(
        DataSplit split, MetaOptimizationProtocol protocol, int seed, string method, IMetaGradientRule? rule, bool isFinal)
    {
        var data = split.Data;
        var learner = new SynapticRegularization(protocol.Network(data.Width, data.ClassCount), TaskLoss.CrossEntropy, protocol.Strength);
        using var batch = new EpisodeBatch(data.Pick(split.Train, "training"), data.Pick(split.Validation, "validation"), protocol.Batch);
        var theta = SlowParameters.Draw(learner.Slow, new Random(seed), CPU);
        var optimizer = new MetaOptimizer(Optimizer.Adam(protocol.OuterRate, epsilon: TinyEpsilon), null, (int)theta.Size);
        var losses = new List<double>();
        AnsiConsole.Progress().Start(shown =>
        {
            var bar = shown.AddTask(
                string.Create(CultureInfo.InvariantCulture, $"{method}, repetition {seed}"), maxValue: protocol.OuterSteps);
            for (var step = 0; rule is not null && step < protocol.OuterSteps; step++)
            {
                // Other mini-batches in each outer step: rules that look at the one after the free phase only are to see all rows in time.
                var random = new Random(unchecked((seed * 7919) + step));
                using var shuffled = new EpisodeBatch(
                    data.Batch(Shuffled(split.Train, random)), data.Batch(Shuffled(split.Validation, random)), protocol.Batch);
                using var estimate = rule.Estimate(learner, theta, shuffled);
                losses.Add(estimate.EvaluationLoss);
                var next = optimizer.Step(theta.ToVector(), estimate.Gradient.ToVector(), protocol.OuterRate);
                theta.Dispose();
                theta = Parameters.Of(learner.Slow, next);
                bar.Value = step + 1;
            }
        });

        using var learned = theta;
        var (train, validation, test) = Trained(learner, learned, batch, protocol.Free(protocol.ExtraSteps), predict =>
            (Accuracy(data, split.Train, predict), Accuracy(data, split.Validation, predict),
                isFinal ? Accuracy(data, split.Test, predict) : (double?)null));
        if (!isFinal)
        {
            return new Result(train, validation, null, null, [.. losses]);
        }

        using var all = new EpisodeBatch(
            data.Batch(Shuffled([.. split.Train, .. split.Validation], new Random(seed))), data.Batch(split.Validation), protocol.Batch);
        var testBoth = Trained(learner, learned, all, protocol.Free(protocol.ExtraSteps), predict => Accuracy(data, split.Test, predict));
        return new Result(train, validation, test, testBoth, [.. losses]);
    }

    /// <summary>Trains with θ and hands on what predicts.</summary>
    private static T Trained<T>(ILearner learner, Parameters theta, EpisodeBatch batch, Phase phase, Func<Func<Tensor, Tensor>, T> use)
    {
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch);
        var phi = Settle.Run(problem, problem.InitialFast(), 0, phase).Phi;
        return use(features => problem.Predict(phi, features));
    }

    private static double Accuracy(LabelledRows data, int[] rows, Func<Tensor, Tensor> predict)
    {
        const int most = 500;
        var right = 0L;
        for (var start = 0; start < rows.Length; start += most)
        {
            using var scope = NewDisposeScope();
            var part = data.Batch(rows.AsSpan(start, Math.Min(most, rows.Length - start)));
            right += predict(part.Features).argmax(-1).eq(part.Targets.argmax(-1)).sum().item<long>();
        }

        return (double)right / rows.Length;
    }

    private static int[] Shuffled(int[] rows, Random random)
    {
        var copy = (int[])rows.Clone();
        random.Shuffle(copy);
        return copy;
    }

    private static string Percent(Result[] all, Func<Result, double> of)
    {
        var spread = Spread.Of([.. all.Select(r => 100 * of(r))]);
        return double.IsNaN(spread.Interval)
            ? FormattableString.Invariant($"{spread.Mean:F2}")
            : FormattableString.Invariant($"{spread.Mean:F1} ± {spread.Interval:F1}");
    }
}
