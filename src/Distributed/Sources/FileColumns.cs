using MLNetMeta.Distributed.Errors;

namespace MLNetMeta.Distributed.Sources;

/// <summary>What the columns of a file are, by number.</summary>
/// <param name="Task">The task column.</param>
/// <param name="Label">The label; several numbers are the targets of a regression.</param>
/// <param name="Weight">The weight of a row.</param>
/// <param name="Features">All others.</param>
internal sealed record FileColumns(int Task, int[] Label, int? Weight, int[] Features)
{
    /// <summary>The column of element <paramref name="index"/> of a vector.</summary>
    public static string ElementName(string column, int index) => FormattableString.Invariant($"{column}.{index}");

    /// <summary>Finds the columns by their names.</summary>
    /// <exception cref="FormatException">One is missing, there are no features, or a class has several columns.</exception>
    public static FileColumns Of(string file, string[] names, string task, string label, string? weight, bool isClassification)
    {
        int[] labels = Array.IndexOf(names, label) is >= 0 and var single ? [single] : [.. Elements(label)];
        if (labels.Length == 0)
        {
            throw ClusterThrow.NoColumn(file, label, names);
        }

        if (isClassification && labels.Length > 1)
        {
            throw ClusterThrow.SeveralClassColumns(file, label);
        }

        var (taskPlace, weightPlace) = (Place(task), weight is null ? (int?)null : Place(weight));
        int[] features =
            [.. Enumerable.Range(0, names.Length).Where(i => i != taskPlace && i != weightPlace && !labels.Contains(i))];
        return features.Length == 0
            ? throw ClusterThrow.NoFeatures(file, names)
            : new FileColumns(taskPlace, labels, weightPlace, features);

        int Place(string name) =>
            Array.IndexOf(names, name) is >= 0 and var place ? place : throw ClusterThrow.NoColumn(file, name, names);

        IEnumerable<int> Elements(string column)
        {
            for (var index = 0; Array.IndexOf(names, ElementName(column, index)) is >= 0 and var place; index++)
            {
                yield return place;
            }
        }
    }
}
