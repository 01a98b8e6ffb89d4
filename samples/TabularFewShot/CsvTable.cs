using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Samples;

/// <summary>One example of a CSV file.</summary>
internal sealed class Example
{
    [ColumnName("Class")]
    public string Class { get; set; } = "";

    public float[] Features { get; set; } = [];
}

/// <summary>A CSV file whose feature columns are numbers, read by ML.NET's TextLoader.</summary>
internal sealed record CsvTable(IReadOnlyList<string> FeatureNames, IReadOnlyList<Example> Rows)
{
    private static readonly char[] _separators = [',', ';', '\t'];

    /// <exception cref="SampleException">The file cannot be used; the message says why and what to do.</exception>
    public static CsvTable Read(MLContext ml, string path, string label, IReadOnlyList<string> ignore)
    {
        var (separator, names) = ReadHeader(path);
        foreach (var name in ignore.Prepend(label))
        {
            if (!names.Contains(name))
            {
                throw new SampleException($"'{path}' has no column '{name}'. Its columns are: {string.Join(", ", names)}.");
            }
        }

        int[] featureColumns = [.. Enumerable.Range(0, names.Length).Where(i => names[i] != label && !ignore.Contains(names[i]))];
        if (featureColumns.Length == 0)
        {
            throw new SampleException($"'{path}' has no feature column beside '{label}' and those ignored.");
        }

        // Cells are read as text, so that a cell that is not a number can be named; TextLoader would make NaN of it.
        var cells = ml.Data.LoadFromTextFile(
            path,
            new TextLoader.Options
            {
                Columns =
                [
                    new TextLoader.Column("Class", DataKind.String, Array.IndexOf(names, label)),
                    new TextLoader.Column("Cells", DataKind.String, [.. featureColumns.Select(i => new TextLoader.Range(i) { ForceVector = true })]),
                ],
                Separators = [separator],
                HasHeader = true,
                AllowQuoting = true,
                TrimWhitespace = true,
            });
        var rows = new List<Example>();
        foreach (var (name, texts) in cells.GetColumn<string>("Class").Zip(Vectors(cells)))
        {
            rows.Add(new Example { Class = name, Features = [.. texts.Select((text, i) => Number(text, rows.Count + 1, names[featureColumns[i]], path))] });
        }

        return rows.Count > 0 ? new CsvTable([.. featureColumns.Select(i => names[i])], rows) : throw new SampleException($"'{path}' has no rows below its header.");
    }

    private static (char Separator, string[] Names) ReadHeader(string path)
    {
        var header = File.ReadLines(path).FirstOrDefault() ?? throw new SampleException($"'{path}' is empty.");
        var separator = _separators.MaxBy(s => header.Count(c => c == s));
        string[] names = [.. header.Split(separator).Select(name => name.Trim().Trim('"'))];
        return names.Length > 1 && !names.All(IsNumber)
            ? (separator, names)
            : throw new SampleException($"The first line of '{path}' must name at least two columns, separated by a comma, a semicolon or a tab. It is: {header}");
    }

    private static IEnumerable<string[]> Vectors(IDataView cells) =>
        cells.GetColumn<ReadOnlyMemory<char>[]>("Cells").Select(row => Array.ConvertAll(row, cell => cell.ToString()));

    private static bool IsNumber(string text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static float Number(string text, int row, string column, string path) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : throw new SampleException($"Row {row} of '{path}' has '{text}' in column '{column}', which is not a number. Leave the column out with --ignore \"{column}\", or clean the row.");
}
