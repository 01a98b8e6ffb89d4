using System.CommandLine;
using System.Globalization;
using MLNetMeta.Trainers;
using TorchSharp;

namespace MLNetMeta.Reproduce;

/// <summary>
/// The error of the contrastive estimate where the meta-gradient is known: against β, phase lengths and stencils, with the theorem's bound.
/// </summary>
internal static class TheoryExperiment
{
    private static readonly Option<string?> _boston = new("--boston")
    {
        Description = "BostonHousing.csv (506 rows); without it only the quadratic is run",
    };

    private static readonly Option<string> _target = new("--target")
    {
        Description = "Target column of that file", DefaultValueFactory = _ => "medv",
    };

    public static Command Command() => Setting.Command(
        "theory", "Error of the meta-gradient against β, the bound, the best β: analytic quadratic and ridge on Boston housing", Run,
        _boston, _target);

    private static void Run(Setting setting, ParseResult parsed)
    {
        TorchRuntime.EnsureLoaded();
        torch.set_num_threads(1);
        using (var quadratic = ExactProblems.Standard(setting.Seed))
        {
            Study(setting, "quadratic", "Analytic quadratic, n = 20", quadratic);
        }

        if (parsed.GetValue(_boston) is { } path)
        {
            using var ridge = Boston(path, parsed.GetValue(_target)!, setting.Seed);
            Study(setting, "boston", "Ridge on Boston housing, one λ per weight", ridge);
        }
    }

    private static ExactProblem Boston(string path, string target, int seed)
    {
        var file = TabularFile.Read(path, target).Standardized();
        var y = TabularFile.Standardize(
            [.. file.Targets.Select(t => new[] { double.Parse(t, CultureInfo.InvariantCulture) })]).Select(r => r[0]).ToArray();
        var order = Enumerable.Range(0, y.Length).ToArray();
        new Random(seed).Shuffle(order);
        var (support, query) = (order[..(order.Length / 2)], order[(order.Length / 2)..]);
        return ExactProblems.Ridge(
            Array.ConvertAll(support, i => file.Features[i]), Array.ConvertAll(support, i => y[i]),
            Array.ConvertAll(query, i => file.Features[i]), Array.ConvertAll(query, i => y[i]), 0.1);
    }

    private static void Study(Setting setting, string name, string title, ExactProblem problem)
    {
        using var exact = problem.ExactGradient();
        var norm = exact.Norm();
        double[] betas = [.. Enumerable.Range(0, setting.Quick ? 6 : 23).Select(i => Math.Pow(10, -5 + (i / (setting.Quick ? 1.0 : 4.0))))];
        int[] lengths = setting.Quick ? [10, 100] : [10, 30, 100, 300, 1000];
        var optimizer = Optimizer.Sgd(LearningRate(problem, betas[^1]), 0.9, nesterov: true);

        var table = new Table(
            $"{title}: relative error of the meta-gradient", "steps", "β", "δ", "δ'", "forward", "symmetric", "second order",
            "bound (forward)");
        var curves = Stencil.All.ToDictionary(s => s.Kind, _ => new List<Curve>());
        foreach (var steps in lengths)
        {
            var phase = new Phase(optimizer, steps);
            var rows = betas.Select(beta =>
            {
                var (free, nudged) = problem.SettlingErrors(phase, phase, beta);
                var errors = Stencil.All.ToDictionary(s => s.Kind, s => problem.RelativeError(new ContrastiveRule(s, beta, phase, phase)));
                var bound = ErrorBound.Of(problem, (beta, free, nudged)).At(beta, free, nudged) / norm;
                return (beta, free, nudged, errors, bound);
            }).ToArray();
            foreach (var row in rows)
            {
                table.Add(steps, row.beta, row.free, row.nudged,
                    row.errors[NudgingStencil.Forward], row.errors[NudgingStencil.Symmetric], row.errors[NudgingStencil.SecondOrder],
                    row.bound);
            }

            foreach (var (kind, list) in curves)
            {
                list.Add(new Curve($"{steps} steps", [.. rows.Select(r => (r.beta, r.errors[kind]))]));
            }

            curves[NudgingStencil.Forward].Add(new Curve($"{steps} steps, bound", [.. rows.Select(r => (r.beta, r.bound))], Dashed: true));
        }

        table.Note(
            $"Inner optimiser Nesterov 0.9, learning rate {optimizer.LearningRate.ToString("G3", CultureInfo.InvariantCulture)}, the "
            + "same number of free and nudged steps, float64. "
            + "δ and δ' are the distances of the phases' ends from the exact equilibria.");
        table.Write(setting, name);
        foreach (var (kind, list) in curves)
        {
            Plots.LogLog(setting.FileIn($"{name}-{kind}.png"), $"{title}: {kind}", "β", "relative error", list);
        }

        BestStrength(setting, name, title, problem, optimizer, betas);
    }

    /// <summary>The measured best β of each stencil against the settling error, beside that of the bound.</summary>
    private static void BestStrength(Setting setting, string name, string title, ExactProblem problem, Optimizer optimizer, double[] betas)
    {
        var table = new Table(
            $"{title}: the best β against the settling error", "steps", "δ", "forward", "its error", "symmetric", "its error",
            "second order", "its error", "bound's best β");
        var curves = Stencil.All.ToDictionary(s => s.Kind, _ => new List<(double, double)>());
        var theory = new List<(double, double)>();
        foreach (var steps in setting.Quick ? [10, 30] : new[] { 5, 10, 20, 40, 80, 160, 320 })
        {
            var phase = new Phase(optimizer, steps);
            var (free, nudged) = problem.SettlingErrors(phase, phase, 0.01);
            var best = Stencil.All.Select(
                s => betas.Select(
                    b => (Beta: b, Error: problem.RelativeError(new ContrastiveRule(s, b, phase, phase)))).MinBy(e => e.Error)).ToArray();
            var bound = ErrorBound.Of(problem, (0.01, free, nudged)).BestBeta(free, nudged);
            table.Add(steps, free, best[0].Beta, best[0].Error, best[1].Beta, best[1].Error, best[2].Beta, best[2].Error, bound);
            theory.Add((free, bound));
            foreach (var (stencil, found) in Stencil.All.Zip(best))
            {
                curves[stencil.Kind].Add((free, found.Beta));
            }
        }

        table.Note(
            "The theory's β* ∝ √δ holds for the forward stencil. The symmetric stencil starts both phases at the same φ̂_0, so the part "
            + "that has not converged is common to both and cancels. "
            + "In float64, a small β then adds no error: only the error of the free phase remains.");
        table.Write(setting, name + "-best-beta");
        Plots.LogLog(setting.FileIn(name + "-best-beta.png"), $"{title}: best β", "settling error δ of the free phase", "best β",
            [.. curves.Select(c => new Curve(c.Key.ToString(), c.Value)), new Curve("bound (forward)", theory, Dashed: true)]);
    }

    /// <summary>1 / λ_max of the most curved augmented loss that occurs.</summary>
    private static double LearningRate(ExactProblem problem, double beta)
    {
        using var scope = torch.NewDisposeScope();
        return 1 / torch.linalg.eigvalsh(problem.Hessian.add(problem.EvaluationHessian, 2 * beta)).max().item<double>();
    }
}
