using MLNetMeta.Trainers;
using Spectre.Console;

namespace MLNetMeta.Samples;

/// <summary>A table of means and 95 % confidence intervals: one row a method, one column a number of labelled rows.</summary>
internal sealed class ResultTable
{
    private readonly Table _table = new() { Border = TableBorder.Markdown };
    private readonly Func<FewShotMetrics, string> _format;

    private ResultTable(string title, IEnumerable<string> columns, Func<FewShotMetrics, string> format)
    {
        _format = format;
        _table.AddColumn(new TableColumn(Markup.Escape(title)).NoWrap());
        foreach (var column in columns)
        {
            _table.AddColumn(new TableColumn(Markup.Escape(column)).RightAligned().NoWrap());
        }
    }

    public static ResultTable OfAccuracy(string title, IEnumerable<string> columns) =>
        new(title, columns, m => FormattableString.Invariant($"{100 * m.Mean:F1} ± {100 * m.ConfidenceInterval95:F1} %"));

    public static ResultTable OfError(string title, IEnumerable<string> columns) =>
        new(title, columns, m => FormattableString.Invariant($"{m.Mean:F3} ± {m.ConfidenceInterval95:F3}"));

    public void Add(string method, IEnumerable<FewShotMetrics> metrics) =>
        _table.AddRow([Markup.Escape(method), .. metrics.Select(m => Markup.Escape(_format(m)))]);

    public void Write()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 160;
        }

        AnsiConsole.Write(_table);
    }
}
