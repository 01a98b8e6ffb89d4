using System.Globalization;

namespace MLNetMeta.Reproduce;

/// <summary>A comma-separated file with a header: one target column, all others are numeric features.</summary>
internal sealed record TabularFile(string[] FeatureNames, double[][] Features, string[] Targets)
{
    /// <exception cref="FormatException">A column is missing or a cell is not a number; the message says where.</exception>
    public static TabularFile Read(string path, string target)
    {
        using var reader = new StreamReader(path);
        var header = Cells(reader.ReadLine() ?? throw new FormatException($"'{path}' is empty: expected a header."));
        var column = Array.IndexOf(header, target);
        if (column < 0)
        {
            throw new FormatException($"'{path}' has no column '{target}'; its columns are {string.Join(", ", header)}.");
        }

        var (features, targets) = (new List<double[]>(), new List<string>());
        for (var line = 2; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0)
            {
                continue;
            }

            var cells = Cells(text);
            if (cells.Length != header.Length)
            {
                throw new FormatException($"'{path}', line {line}: {cells.Length} cells, but the header has {header.Length}.");
            }

            targets.Add(cells[column]);
            features.Add(
                [.. cells.Where((_, i) => i != column)
                    .Select((cell, i) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new FormatException($"'{path}', line {line}: '{cell}' is not a number."))]);
        }

        return new TabularFile([.. header.Where((_, i) => i != column)], [.. features], [.. targets]);
    }

    /// <summary>Every feature with mean 0 and variance 1 over all rows.</summary>
    public TabularFile Standardized() => this with { Features = Standardize(Features) };

    public static double[][] Standardize(double[][] rows)
    {
        var result = Array.ConvertAll(rows, r => (double[])r.Clone());
        for (var i = 0; i < rows[0].Length; i++)
        {
            var mean = rows.Average(r => r[i]);
            var deviation = Math.Sqrt(rows.Average(r => (r[i] - mean) * (r[i] - mean)));
            foreach (var row in result)
            {
                row[i] = deviation > 0 ? (row[i] - mean) / deviation : 0;
            }
        }

        return result;
    }

    private static string[] Cells(string line) => [.. line.Split(',').Select(c => c.Trim().Trim('"'))];
}
