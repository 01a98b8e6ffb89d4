// Meta-trains a learner on a few users, and lets a fleet of apps improve it over HTTP. Each app has its own users, and sends no rows:
//
//   dotnet run -c Release --project samples/FleetLearning
//   dotnet run -c Release --project samples/FleetLearning -- --kills 20
using Microsoft.ML;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;
using ScottPlot;

if (FleetOptions.Parse(args, out var exitCode) is not { } options)
{
    return exitCode;
}

try
{
    return await Run(options);
}
catch (Exception failure) when (failure is SampleException or InvalidOperationException or ArgumentException or FormatException
    or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

static async Task<int> Run(FleetOptions options)
{
    var ml = new MLContext(options.Seed);
    var rows = options.Data is { } path ? Activities.ReadWisdm(path) : Activities.Invent(users: 48, rows: 60, options.Seed);
    var roles = Roles.Of(rows, options.Apps, options.Seed);
    var folder = Directory.CreateDirectory(Path.Combine(options.Output, "fleet")).FullName;
    Console.WriteLine(
        $"{Users(roles.First)} users for the first meta-training, {roles.OfApps.Sum(Users)} in {options.Apps} apps, "
        + $"{Users(roles.New)} new");

    // The learner that all apps start with is meta-trained on a few users only.
    using var first = MetaTrain("first users", roles.First, new TrainingOptions { Seed = options.Seed, Steps = options.Steps });
    var file = Path.Combine(options.Output, "first.onnx");
    first.Save(file);

    // For comparison: all rows in one place, with the same number of tasks and the same meta-learning rate.
    var tasks = options.Apps * options.UsersPerRound;
    using var central = MetaTrain("all rows in one place", [.. roles.First, .. roles.OfApps.SelectMany(app => app)], new TrainingOptions
    {
        Seed = options.Seed, Steps = options.Rounds * 3 / 4, TasksPerStep = tasks, Patience = null,
    });

    var measured = new List<(int Revision, FewShotMetrics Accuracy)> { (0, Measure(first)) };
    using (var fleet = new Fleet(options, file, [.. roles.OfApps.Select(WriteRows)], folder))
    {
        var (random, kills, interval) = (new Random(options.Seed), 0, Math.Max(options.Rounds / 10, 1));
        for (var revision = 0; revision < options.Rounds;)
        {
            await Task.Delay(50);
            (revision, var bytes) = await fleet.Current();
            while (kills < options.Kills && revision >= (kills + 1) * options.Rounds / (options.Kills + 1))
            {
                kills++;
                Console.WriteLine($"revision {revision}: {fleet.Kill(random)} was killed and started again");
            }

            if (revision >= Math.Min(measured[^1].Revision + interval, options.Rounds))
            {
                using var learner = ml.MetaLearning().LoadLearner(new MemoryStream(bytes));
                measured.Add((revision, Measure(learner)));
                Console.WriteLine($"revision {revision}: {measured[^1].Accuracy}");
                learner.Save(Path.Combine(options.Output, "improved.onnx"));
            }
        }

        var (acknowledged, kept) = await fleet.Accounts();
        Console.WriteLine($"{acknowledged} tasks were acknowledged to the apps; the server has {kept}.");
        if (kept < acknowledged)
        {
            throw new SampleException("Contributions were acknowledged and lost.");
        }
    }

    var table = ResultTable.OfAccuracy($"Accuracy for {Users(roles.New)} new users, 2 rows of each activity", ["accuracy"]);
    table.Add("Not improved", measured[0].Accuracy);
    table.Add($"Improved by the fleet, {measured[^1].Revision} revisions", measured[^1].Accuracy);
    table.Add("Meta-trained on all rows in one place", Measure(central));
    table.Write();
    table.Save(Path.Combine(options.Output, "results.csv"));
    Plot(Path.Combine(options.Output, "fleet.png"), measured, Measure(central));
    return 0;

    static int Users(Activity[] of) => of.Select(row => row.User).Distinct().Count();

    Learner MetaTrain(string name, Activity[] on, TrainingOptions training) => TrainingProgress.Show(
        name, new MetaTrainingHistory(), progress => ml.MetaLearning().Classification.ComplexSynapse(new ComplexSynapseTrainer.Options
        {
            Tasks = new TaskColumn("User"), Improvable = true, Training = training with { Progress = progress },
        }).Fit(Activity.View(ml, on, roles.Classes)).Learner);

    FewShotMetrics Measure(Learner learner) => ml.MetaLearning().Classification.Evaluate(
        learner, Activity.View(ml, roles.New, roles.Classes), new FewShotEvaluationOptions
        {
            Tasks = new TaskColumn("User") { Shots = 2 }, NumberOfEpisodes = 300, Seed = options.Seed,
        });

    string WriteRows(Activity[] of, int app)
    {
        var csv = Path.Combine(folder, $"app-{app + 1}.csv");
        Activities.Write(csv, of);
        return csv;
    }
}

static void Plot(string path, IReadOnlyList<(int Revision, FewShotMetrics Accuracy)> measured, FewShotMetrics central)
{
    using var plot = new Plot();
    plot.XLabel("revision of the learner");
    plot.YLabel("accuracy for new users, %");
    double[] revisions = [.. measured.Select(m => (double)m.Revision)];
    double[] means = [.. measured.Select(m => 100 * m.Accuracy.Mean)];
    var line = plot.Add.Scatter(revisions, means);
    (line.LegendText, line.LineWidth) = ("improved by the fleet", 2);
    plot.Add.ErrorBar(revisions, means, [.. measured.Select(m => 100 * m.Accuracy.ConfidenceInterval95)]).Color = line.Color;
    foreach (var (level, name, pattern) in ((double, string, LinePattern)[])
        [
            (means[0], "not improved", LinePattern.Dotted),
            (100 * central.Mean, "all rows in one place", LinePattern.Dashed),
        ])
    {
        var reference = plot.Add.HorizontalLine(level);
        (reference.LegendText, reference.LinePattern, reference.Color) = (name, pattern, Colors.Gray);
    }

    plot.ShowLegend(Alignment.LowerRight);
    plot.SavePng(path, 900, 500);
    Console.WriteLine(path);
}
