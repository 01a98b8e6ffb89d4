using System.Globalization;
using Microsoft.ML.Data;

namespace MLNetMeta.Samples;

/// <summary>One example of a CSV file.</summary>
internal sealed class Example
{
    [ColumnName("Class")]
    public string Class { get; set; } = "";

    public float[] Features { get; set; } = [];
}

/// <summary>A CSV file whose feature columns are numbers.</summary>
internal sealed record CsvTable(IReadOnlyList<string> FeatureNames, IReadOnlyList<Example> Rows)
{
    /// <exception cref="SampleException">The file cannot be used; the message says why and what to do.</exception>
    public static CsvTable Read(string path, string label, IReadOnlyList<string> ignore)
    {
        var rows = CsvFile.Read(path);
        if (rows.Count == 0)
        {
            throw new SampleException($"'{path}' is empty.");
        }

        var names = rows[0].Cells;
        CheckHeader(path, names, [label, .. ignore]);
        int[] featureColumns = [.. Enumerable.Range(0, names.Length).Where(i => names[i] != label && !ignore.Contains(names[i]))];
        if (featureColumns.Length == 0)
        {
            throw new SampleException($"'{path}' has no feature column besides '{label}' and the ignored columns.");
        }

        if (rows.Count == 1)
        {
            throw new SampleException($"'{path}' has no rows below its header.");
        }

        var classColumn = Array.IndexOf(names, label);
        return new CsvTable([.. featureColumns.Select(i => names[i])], [.. rows.Skip(1).Select(row => new Example
        {
            Class = row.Cells[classColumn] is { Length: > 0 } name ? name : throw new SampleException(
                $"Line {row.Line} of '{path}' has no class: its cell in column '{Excerpt.Of(label)}' is empty. Name the class, or "
                + "remove the line."),
            Features = Array.ConvertAll(featureColumns, i => Number(row.Cells[i], row.Line, names[i], path)),
        })]);
    }

    private static void CheckHeader(string path, string[] names, IEnumerable<string> wanted)
    {
        if (names.Length < 2 || names.All(name => float.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
        {
            throw new SampleException(
                $"The first line of '{path}' must name at least two columns, separated by a comma, a semicolon or a tab. It is: "
                + $"{Excerpt.Of(string.Join(',', names), 300)}");
        }

        if (names.CountBy(name => name).FirstOrDefault(name => name.Value > 1) is { Value: > 1 } twice)
        {
            throw new SampleException(
                $"'{path}' has {twice.Value} columns '{Excerpt.Of(twice.Key)}'. Give every column a name of its own.");
        }

        if (wanted.FirstOrDefault(name => !names.Contains(name)) is { } missing)
        {
            throw new SampleException(
                $"'{path}' has no column '{Excerpt.Of(missing)}'. Its columns are: {Excerpt.Of(string.Join(", ", names), 300)}.");
        }
    }

    private static float Number(string text, int line, string column, string path) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : throw new SampleException(
                $"Line {line} of '{path}' has '{Excerpt.Of(text)}' in column '{Excerpt.Of(column)}', which is not a finite number. "
                + $"Leave the column out with --ignore \"{Excerpt.Of(column)}\", or correct the line.");
}
