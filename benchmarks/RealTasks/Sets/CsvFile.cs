using System.Globalization;
using System.IO.Compression;
using nietras.SeparatedValues;

namespace MLNetMeta.RealTasks.Sets;

/// <summary>The columns of a comma-separated file with a header, gzipped or not.</summary>
internal sealed class CsvFile
{
    private readonly Dictionary<string, int> _columns = [];
    private readonly List<string[]> _rows = [];
    private readonly string _path;

    public CsvFile(string path)
    {
        _path = path;
        using Stream file = File.OpenRead(path);
        using var stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = Sep.New(',').Reader(options => options with { Unescape = true }).From(stream);
        foreach (var name in reader.Header.ColNames)
        {
            _columns.Add(name, _columns.Count);
        }

        foreach (var row in reader)
        {
            _rows.Add(row[0..row.ColCount].ToStringsArray());
        }
    }

    public IReadOnlyCollection<string> Names => _columns.Keys;

    public int Rows => _rows.Count;

    /// <exception cref="FormatException">There is no such column.</exception>
    public string[] Texts(string column)
    {
        var index = _columns.TryGetValue(column, out var found)
            ? found
            : throw new FormatException($"'{_path}' has no column '{column}'; its columns are {string.Join(", ", _columns.Keys)}.");
        return [.. _rows.Select(row => row[index])];
    }

    /// <summary>The values of a column; empty cells are NaN.</summary>
    public float[] Numbers(string column) =>
        Array.ConvertAll(Texts(column), text => text.Length == 0 ? float.NaN : float.Parse(text, CultureInfo.InvariantCulture));

    /// <summary>Rows of numeric columns; missing values become the column's mean, beside an indicator for each column that has
    /// any.</summary>
    public float[][] Features(IEnumerable<string> columns) => Complete([.. columns.Select(Numbers)]);

    /// <summary>Rows of columns, missing values treated as in <see cref="Features"/>.</summary>
    public static float[][] Complete(IReadOnlyList<float[]> columns)
    {
        var complete = columns.SelectMany(values =>
        {
            if (!Array.Exists(values, float.IsNaN))
            {
                return new[] { values };
            }

            var mean = values.Where(value => !float.IsNaN(value)).Average();
            return [Array.ConvertAll(values, v => float.IsNaN(v) ? mean : v), Array.ConvertAll(values, v => float.IsNaN(v) ? 1f : 0f)];
        }).ToArray();
        return [.. Enumerable.Range(0, columns[0].Length).Select(row => Array.ConvertAll(complete, column => column[row]))];
    }

    /// <summary>A column of 0 and 1 for each value of a text column.</summary>
    public IEnumerable<float[]> OneHot(string column)
    {
        var texts = Texts(column);
        return texts.Distinct().Order(StringComparer.Ordinal)
            .Select(value => Array.ConvertAll(texts, text => text == value ? 1f : 0f)).ToArray();
    }
}
