using System.CommandLine;
using System.Globalization;
using MLNetMeta.Reproduce.Bandits;
using MLNetMeta.Trainers;
using TorchSharp;

namespace MLNetMeta.Reproduce;

/// <summary>
/// Section 5.5 of the paper: the wheel bandit, played by agents that were meta-trained on other wheels and by agents that were not.
/// </summary>
/// <remarks>
/// Cumulative regret over that of the uniform agent, mean over runs ± standard error. All agents meet the same contexts and noise, and
/// begin with two pulls of each arm.
/// </remarks>
internal static class BanditExperiment
{
    private static readonly double[] _deltas = [0.5, 0.7, 0.9, 0.95, 0.99];

    private static readonly Option<int> _pulls = Setting.AtLeastOne("--pulls", "Pulls of a run (the paper: 80000)", 2000);

    private static readonly Option<int> _runs = Setting.AtLeastOne("--runs", "Runs for each radius", 30);

    private static readonly Option<string> _agents = new("--agents")
    {
        Description = "Only agents whose names contain this text", DefaultValueFactory = _ => "",
    };

    /// <param name="Name">Row of the table.</param>
    /// <param name="Learner">What is meta-trained; null where nothing is.</param>
    /// <param name="Create">The agent, given the learner's slow parameters where there are any.</param>
    private sealed record Agent(string Name, WheelLearner? Learner, Func<BanditRuns, Parameters?, int, IBanditAgent> Create);

    /// <param name="Regret">For each radius the normalised regret of each run.</param>
    /// <param name="Curves">For each radius the mean normalised regret after the pulls of <see cref="Checkpoints"/>.</param>
    private sealed record Result(double[][] Regret, double[][] Curves);

    public static Command Command() => Setting.Command(
        "bandit", "The wheel bandit: contrastive agents, MAML, linear and neural-linear Thompson sampling", Run, _pulls, _runs, _agents);

    private static void Run(Setting setting, ParseResult parsed)
    {
        TorchRuntime.EnsureLoaded();
        torch.set_num_threads(1);
        var (pulls, runs) = setting.Quick ? (100, 3) : (parsed.GetValue(_pulls), parsed.GetValue(_runs));
        if (pulls < RoundRobin.Pulls)
        {
            throw new ArgumentException($"--pulls must be at least {RoundRobin.Pulls}, the pulls that every agent begins with.");
        }

        var journal = new Journal(setting);
        var table = new Table(
            FormattableString.Invariant(
                $"Wheel bandit: cumulative regret, % of the uniform agent's, {pulls} pulls, mean ± s.e.m. over {runs} runs"),
            ["agent", .. _deltas.Select(d => FormattableString.Invariant($"δ = {d}"))]);
        var results = new Dictionary<string, Result>();
        foreach (
            var agent in WheelAgents(setting, pulls).Where(
                a => a.Name.Contains(parsed.GetValue(_agents)!, StringComparison.OrdinalIgnoreCase)))
        {
            var result = results[agent.Name] = journal.Do(
                $"{agent.Name} {pulls} pulls {runs} runs", () => Measure(setting, agent, pulls, runs));
            table.Add([agent.Name, .. result.Regret.Select(MeanAndError)]);
        }

        foreach (var (name, figures) in _published)
        {
            table.Add([name, .. figures]);
        }

        table.Note(
            "All agents get the same contexts and noise. The first 10 pulls try each arm twice and cost every agent except the uniform one "
            + "the same. Only rows with the same number of pulls are comparable, because the loss from learning the radius occurs once.");
        table.Write(setting, "bandit");
        for (var d = 0; d < _deltas.Length; d++)
        {
            var checkpoints = Checkpoints(pulls);
            Plots.LogLog(
                setting.FileIn(FormattableString.Invariant($"bandit-{_deltas[d]}.png")),
                FormattableString.Invariant($"Wheel bandit, δ = {_deltas[d]}"),
                "pulls", "cumulative regret over the uniform agent's",
                results.Select(r => new Curve(r.Key, [.. checkpoints.Zip(r.Value.Curves[d], (p, y) => ((double)p, y))])));
        }
    }

    private static readonly (string Name, object[] Figures)[] _published =
    [
        ("published (Ravi and Beatson, 2019): NeuralLinear, 80,000 pulls", ["0.95", "1.60", "4.65", "9.56", "49.63"]),
        ("published: MAML, 80,000 pulls", ["0.20", "0.34", "1.02", "2.10", "9.81"]),
        ("published: ABML, 80,000 pulls", ["0.22", "0.29", "0.66", "1.03", "4.66"]),
        ("published: MAML, 2,000 pulls", ["1.79", "2.10", "6.08", "16.80", "55.53"]),
        ("published: ABML, 2,000 pulls", ["1.36", "1.59", "3.51", "7.21", "35.04"]),
    ];

    private static Agent[] WheelAgents(Setting setting, int pulls)
    {
        var (synapse, dual, maml) = (
            WheelAgentSettings.Synapse(setting), WheelAgentSettings.Dual(setting), WheelAgentSettings.Maml(setting));
        return
        [
            new("uniform", null, (runs, _, seed) => new UniformAgent(runs, seed)),
            new("linear Thompson sampling", null, (runs, _, seed) => new ThompsonAgent(runs, WheelAgentSettings.Linear, null, seed)),
            new("NeuralLinear", null, (runs, _, seed) => new ThompsonAgent(
                runs, WheelAgentSettings.NeuralLinear, WheelAgentSettings.Untrained(setting, pulls).UntrainedNetwork(runs, seed), seed)),
            new("MAML", maml, (runs, theta, seed) => new GreedyAgent(runs, maml.Network(runs, theta!, seed))),
            new("contrastive, complex synapse", synapse, (runs, theta, seed) => new GreedyAgent(runs, synapse.Network(runs, theta!, seed))),
            new("contrastive, dual system", dual, (runs, theta, seed) => new GreedyAgent(runs, dual.Network(runs, theta!, seed))),
        ];
    }

    private static Result Measure(Setting setting, Agent agent, int pulls, int runs)
    {
        Console.WriteLine($"{agent.Name} …");
        using var theta = agent.Learner?.MetaTrain(setting.Seed);
        var (regret, curves) = (new double[_deltas.Length][], new double[_deltas.Length][]);
        Parallel.For(0, _deltas.Length, new ParallelOptions { MaxDegreeOfParallelism = setting.Threads }, d =>
        {
            torch.set_num_threads(1);
            var all = new BanditRuns(new Wheel(_deltas[d]), runs, pulls, setting.Seed);
            using var player = agent.Create(all, theta, setting.Seed + d);
            all.Play(player);
            regret[d] = [.. Enumerable.Range(0, runs).Select(run => all.NormalizedRegret(run, pulls))];
            curves[d] = [.. Checkpoints(pulls).Select(p => Enumerable.Range(0, runs).Average(run => all.NormalizedRegret(run, p)))];
        });
        return new Result(regret, curves);
    }

    /// <summary>Ten pulls a decade.</summary>
    private static int[] Checkpoints(int pulls) =>
        [
            .. Enumerable.Range(0, 100).Select(i => (int)Math.Round(Math.Pow(10, 1 + (i / 10.0)))).TakeWhile(
                p => p < pulls).Append(pulls).Distinct(),
        ];

    private static object MeanAndError(double[] regret)
    {
        var mean = regret.Average();
        var error = Math.Sqrt(regret.Sum(r => (r - mean) * (r - mean)) / Math.Max(1, regret.Length - 1) / regret.Length);
        return string.Create(CultureInfo.InvariantCulture, $"{100 * mean:F2} ± {100 * error:F2}");
    }
}
