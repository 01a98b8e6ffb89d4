using System.CommandLine;
using System.Globalization;
using MLNetMeta.RealTasks.Methods;
using MLNetMeta.RealTasks.Sets;

namespace MLNetMeta.RealTasks;

/// <summary>The command line.</summary>
internal static class RealTasksCommand
{
    public static Command Create()
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder that holds tasks/", Required = true };
        var sets = new Option<string>("--sets")
        {
            Description = "Sets, comma-separated; all by default", DefaultValueFactory = _ => string.Join(',', RealSets.All.Keys),
        };
        var only = new Selection("method");
        var final = new Option<bool>("--final")
        {
            Description = "Opens the test tasks, once for the settings at hand; without it the validation tasks are measured",
        };
        var minutes = new Option<double>("--auto-minutes") { Description = "Budget of Auto", DefaultValueFactory = _ => 2 };
        var splits = Setting.AtLeastOne("--splits", "Splits of the tasks", 5);
        var root = new RootCommand("Few-shot learning on real tasks, untuned, against what a user would do without it");
        root.Add(Setting.Command("compare", "Compares all methods", (setting, parsed) =>
        {
            var folder = parsed.GetValue(data)!.FullName;
            var budget = parsed.GetValue(minutes);
            var (isFinal, repetitions) = (parsed.GetValue(final), parsed.GetValue(splits));
            var chosen = only.Of(
                parsed,
                [
                    .. AllMethods.Ours, AllMethods.Auto(TimeSpan.FromMinutes(budget)), .. AllMethods.NotTrained, .. AllMethods.Opponents,
                ], method => method.Name);
            foreach (var name in parsed.GetValue(sets)!.Split(','))
            {
                if (!RealSets.All.TryGetValue(name, out var read))
                {
                    throw new ArgumentException($"There is no set '{name}'; the sets are {string.Join(", ", RealSets.All.Keys)}.");
                }

                var set = read(folder);
                Console.WriteLine(
                    $"{set.Name}: {set.Tasks.Length} tasks, {set.Tasks.Sum(t => t.Length)} rows, {set.FeatureCount} features");
                if (isFinal)
                {
                    // Methods may be added later: all that could be chosen of one is its number of splits and Auto's budget.
                    SealedTest.Open(
                        setting, set.Name,
                        [
                            string.Create(CultureInfo.InvariantCulture, $"{repetitions} splits"),
                            string.Create(CultureInfo.InvariantCulture, $"Auto: {budget} minutes"),
                        ]);
                }

                var comparison = new Comparison(setting, set, isFinal);
                var scores = chosen.Where(method => method.Serves(set)).ToDictionary(
                    method => method.Name, method => comparison.Run(method, repetitions));
                ComparisonTable.Write(setting, set, scores, isFinal);
                TrustTable.Write(setting, set, scores, isFinal);
            }
        }, data, sets, only.Option, final, minutes, splits));
        return root;
    }
}
