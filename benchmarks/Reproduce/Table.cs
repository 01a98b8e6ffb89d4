using System.Globalization;

namespace MLNetMeta.Reproduce;

/// <summary>A table that is shown on the console and written as Markdown and CSV.</summary>
internal sealed class Table(string title, params string[] columns)
{
    private readonly List<string[]> _rows = [];

    private readonly List<string> _notes = [];

    public void Add(params object[] cells) => _rows.Add(Array.ConvertAll(cells, c => c switch
    {
        double d => d.ToString("G4", CultureInfo.InvariantCulture),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => c.ToString()!,
    }));

    /// <summary>A sentence under the Markdown table.</summary>
    public void Note(string text) => _notes.Add(text);

    /// <summary>Writes NAME.md and NAME.csv.</summary>
    public void Write(Setting setting, string name)
    {
        string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
        string[] markdown =
        [
            $"## {title}", "", Line(columns), $"|{string.Concat(columns.Select(_ => "---|"))}", .. _rows.Select(Line), "", .. _notes.SelectMany(n => new[] { n, "" }),
        ];
        File.WriteAllLines(setting.FileIn(name + ".md"), markdown);
        File.WriteAllLines(setting.FileIn(name + ".csv"), _rows.Prepend(columns).Select(cells => string.Join(",", cells.Select(Quoted))));
        Console.WriteLine(string.Join(Environment.NewLine, markdown));
    }

    private static string Quoted(string cell) => cell.AsSpan().IndexOfAny(',', '"', '\n') < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
