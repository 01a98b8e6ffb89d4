using System.Globalization;

namespace MLNetMeta.Reproduce;

/// <summary>
/// A table that is shown on the console and written as Markdown, the fragment that <see cref="ResultsDocument"/> takes, and as CSV.
/// </summary>
internal sealed class Table(string title, params string[] columns)
{
    /// <summary>What a table of a quick run says of itself.</summary>
    public const string QuickNotice = "**A quick run: it only shows that the experiment runs. Its results mean nothing.**";

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
            $"## {title}", "", $"`{setting.CommandLine}`", "", Line(columns), $"|{string.Concat(columns.Select(_ => "---|"))}",
            .. _rows.Select(Line), "",
            .. _notes.Prepend(setting.Quick ? QuickNotice : null).OfType<string>().SelectMany(n => new[] { n, "" }),
            Machine.Describe(),
        ];
        File.WriteAllLines(setting.FileIn(name + ".md"), markdown);
        File.WriteAllLines(setting.FileIn(name + ".csv"), _rows.Prepend(columns).Select(cells => string.Join(",", cells.Select(Quoted))));
        Console.WriteLine(string.Join(Environment.NewLine, markdown));
    }

    private static string Quoted(string cell) =>
        cell.AsSpan().IndexOfAny(',', '"', '\n') < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
