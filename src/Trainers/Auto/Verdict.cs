using System.Globalization;

namespace MLNetMeta.Trainers.Auto;

/// <summary>Puts comparisons into words.</summary>
internal static class Verdict
{
    public static string Of(IReadOnlyList<AutoComparison> comparisons, int tasks, bool areTasks)
    {
        var own = comparisons[0];
        var unit = own.Metrics.Name == "Accuracy" ? "accuracy" : "mean squared error";
        var parts = comparisons.Skip(1).Select(other => string.Create(
            CultureInfo.InvariantCulture,
            $"{Sign(other)} {other.Name} ({other.Metrics.Mean:G3}; gain {other.Gain:G2} ± {other.GainInterval95:G2})"));
        var conclusion = comparisons.Skip(1).All(IsAhead) ? "Few-shot learning pays here."
            : comparisons.Skip(1).Where(other => !IsAhead(other)).Select(other => other.Name).ToArray() is var open
                && comparisons.Skip(1).Any(IsBehind)
                ? $"Few-shot learning does not pay here: use {comparisons.Skip(1).Where(IsBehind).MinBy(other => other.Gain)!.Name}."
                : $"No gain over {string.Join(" and ", open)} could be shown: few-shot learning may not pay here.";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"On {tasks} {(areTasks ? "tasks" : "classes")} that no choice was made on: {unit} {own.Metrics.Mean:G3} ")
            + string.Create(CultureInfo.InvariantCulture, $"± {own.Metrics.ConfidenceInterval95:G2}; ")
            + $"{string.Join("; ", parts)}. {conclusion}";
    }

    private static bool IsAhead(AutoComparison other) => other.Gain > other.GainInterval95;

    private static bool IsBehind(AutoComparison other) => -other.Gain > other.GainInterval95;

    private static string Sign(AutoComparison other) => IsAhead(other) ? "better than" : IsBehind(other) ? "worse than" : "level with";
}
