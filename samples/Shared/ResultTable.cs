using System.Diagnostics;
using System.Globalization;
using MLNetMeta.Trainers;
using Spectre.Console;

namespace MLNetMeta.Samples;

/// <summary>A table of means and 95 % confidence intervals, with one row per method and one column per number of labelled rows.</summary>
internal sealed class ResultTable
{
    private readonly Table _table = new() { Border = TableBorder.Markdown };
    private readonly Func<FewShotMetrics, string> _format;
    private readonly string[] _columns;
    private readonly List<string> _csv = ["method,support,metric,mean,confidence95,episodes"];

    private ResultTable(string title, IEnumerable<string> columns, Func<FewShotMetrics, string> format)
    {
        _format = format;
        _columns = [.. columns];
        _table.AddColumn(new TableColumn(Markup.Escape(title)).NoWrap());
        foreach (var column in _columns)
        {
            _table.AddColumn(new TableColumn(Markup.Escape(column)).RightAligned().NoWrap());
        }
    }

    public static ResultTable OfAccuracy(string title, IEnumerable<string> columns) =>
        new(title, columns, m => FormattableString.Invariant($"{100 * m.Mean:F1} ± {100 * m.ConfidenceInterval95:F1} %"));

    public static ResultTable OfError(string title, IEnumerable<string> columns) =>
        new(title, columns, m => FormattableString.Invariant($"{m.Mean:F3} ± {m.ConfidenceInterval95:F3}"));

    /// <summary>Measures a method and adds it as a row: the metrics are computed while they are read. Prints how long it took.</summary>
    public void Measure(string method, IEnumerable<FewShotMetrics> metrics)
    {
        var clock = Stopwatch.StartNew();
        Add(method, [.. metrics]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   {method}: measured in {clock.Elapsed.TotalSeconds:F1} s"));
    }

    /// <summary>Adds a row of what was measured already.</summary>
    public void Add(string method, params FewShotMetrics[] values)
    {
        _table.AddRow([Markup.Escape(method), .. values.Select(m => Markup.Escape(_format(m)))]);
        _csv.AddRange(values.Zip(_columns, (m, column) => FormattableString.Invariant(
            $"\"{method}\",{column},{m.Name},{m.Mean:G6},{m.ConfidenceInterval95:G3},{m.Episodes.Count}")));
    }

    /// <summary>Writes the table as CSV, one line for each method and column.</summary>
    public void Save(string path) => File.WriteAllLines(path, _csv);

    public void Write()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 160;
        }

        AnsiConsole.Write(_table);
    }
}
