using System.Text;
using nietras.SeparatedValues;

namespace MLNetMeta.Samples;

/// <summary>A row of a CSV file, and the line where it begins.</summary>
internal sealed record CsvRow(int Line, string[] Cells);

/// <summary>Reads CSV according to RFC 4180, with commas, semicolons or tabs. Ambiguous input is refused.</summary>
internal static class CsvFile
{
    // A byte that is not valid UTF-8 is an error and not a replacement character. So is UTF-16, because its byte order mark is not valid
    // UTF-8.
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    private static readonly char[] _separators = [',', ';', '\t'];

    /// <summary>All rows, the header first; blank lines are left out.</summary>
    /// <exception cref="SampleException">The file is ambiguous or cannot be read; the message says why and what to do.</exception>
    public static IReadOnlyList<CsvRow> Read(string path)
    {
        try
        {
            var rows = new List<CsvRow>();
            // Cells are unquoted here, because Sep does not treat quotes inside a cell.
            using var reader = Sep.New(Separator(path)).Reader(
                options => options with { HasHeader = false, DisableColCountCheck = true }).From(Open(path));
            foreach (var row in reader)
            {
                if (row.ColCount > 1 || !row[0].Span.IsWhiteSpace())
                {
                    rows.Add(Row(row, path, rows.Count > 0 ? rows[0].Cells : null));
                }
            }

            return rows;
        }
        catch (DecoderFallbackException)
        {
            throw new SampleException($"'{path}' is not UTF-8 text. Save it as UTF-8; spreadsheets call it \"CSV UTF-8\".");
        }
        catch (NotSupportedException)
        {
            throw new SampleException(
                $"'{path}' has a row of more than 16 million characters. Close the open quotes, or remove the column.");
        }
    }

    private static CsvRow Row(SepReader.Row row, string path, string[]? header)
    {
        if (header is not null && row.ColCount != header.Length)
        {
            throw new SampleException(
                $"Line {row.LineNumberFrom} of '{path}' has {row.ColCount} cells, but the header has {header.Length}. Write "
                + "decimals with a point, and quote cells that contain a separator: \"a, b\".");
        }

        var cells = new string[row.ColCount];
        for (var column = 0; column < cells.Length; column++)
        {
            cells[column] = Unquoted(row[column].Span.Trim()) ?? throw new SampleException(
                $"Line {row.LineNumberFrom} of '{path}' has {Excerpt.Of(row[column].ToString())} in column "
                + $"{(header is null ? $"{column + 1}" : $"'{Excerpt.Of(header[column])}'")}: "
                + "quotes must enclose the whole cell, and quotes within it must be doubled: \"3\"\" pipe\".");
        }

        return new CsvRow(row.LineNumberFrom, cells);
    }

    /// <returns>The text of a cell; null if it contains a quote that neither encloses it nor is doubled.</returns>
    private static string? Unquoted(ReadOnlySpan<char> cell)
    {
        if (!cell.Contains('"'))
        {
            return cell.ToString();
        }

        if (cell.Length < 2 || cell[0] != '"' || cell[^1] != '"')
        {
            return null;
        }

        var text = cell[1..^1].ToString();
        return text.Replace("\"\"", "", StringComparison.Ordinal).Contains('"')
            ? null
            : text.Replace("\"\"", "\"", StringComparison.Ordinal).Trim();
    }

    /// <summary>The most frequent separator outside quotes in the first line.</summary>
    private static char Separator(string path)
    {
        using var reader = Open(path);
        var header = reader.ReadLine() ?? throw new SampleException($"'{path}' is empty.");
        var outside = string.Concat(header.Split('"').Where((_, part) => part % 2 == 0));
        return _separators.MaxBy(separator => outside.Count(letter => letter == separator));
    }

    private static StreamReader Open(string path) => new(path, _utf8, detectEncodingFromByteOrderMarks: false);
}
