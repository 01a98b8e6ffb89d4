using System.CommandLine;
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
        var methods = new Option<string?>("--methods")
        {
            Description = "Only methods whose name contains this; alternatives separated by |",
        };
        var final = new Option<bool>("--final") { Description = "On the test tasks; without it, on the validation tasks, to choose by" };
        var minutes = new Option<double>("--auto-minutes") { Description = "Budget of Auto", DefaultValueFactory = _ => 2 };
        var splits = Setting.AtLeastOne("--splits", "Splits of the tasks", 5);
        var root = new RootCommand("Few-shot learning on real tasks, untuned, against what a user would do without it");
        root.Add(Setting.Command("compare", "Compares all methods", (setting, parsed) =>
        {
            var folder = parsed.GetValue(data)!.FullName;
            var wanted = parsed.GetValue(methods)?.Split('|');
            foreach (var name in parsed.GetValue(sets)!.Split(','))
            {
                if (!RealSets.All.TryGetValue(name, out var read))
                {
                    throw new ArgumentException($"There is no set '{name}'; the sets are {string.Join(", ", RealSets.All.Keys)}.");
                }

                var set = read(folder);
                Console.WriteLine(
                    $"{set.Name}: {set.Tasks.Length} tasks, {set.Tasks.Sum(t => t.Length)} rows, {set.FeatureCount} features");
                IMethod[] chosen =
                [
                    .. AllMethods.Ours.Append(AllMethods.Auto(TimeSpan.FromMinutes(parsed.GetValue(minutes)))).Concat(
                        AllMethods.NotTrained).Concat(AllMethods.Opponents)
                        .Where(m => m.Serves(set)
                            && (wanted is null || Array.Exists(wanted, w => m.Name.Contains(w, StringComparison.Ordinal)))),
                ];
                var comparison = new Comparison(setting, set, parsed.GetValue(final));
                var scores = chosen.ToDictionary(m => m.Name, m => comparison.Run(m, parsed.GetValue(splits)));
                ComparisonTable.Write(setting, set, scores, parsed.GetValue(final));
                TrustTable.Write(setting, set, scores, parsed.GetValue(final));
            }
        }, data, sets, methods, final, minutes, splits));
        return root;
    }
}
