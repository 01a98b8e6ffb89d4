using System.CommandLine;

namespace MLNetMeta.Reproduce;

/// <summary>Assembles docs/results.md; see <see cref="ResultsDocument"/>.</summary>
internal static class ReportCommand
{
    private static readonly Option<string> _fragments = new("--fragments")
    {
        Description = "Folder of the fragments", DefaultValueFactory = _ => Path.Combine("docs", "results"),
    };

    private static readonly Option<string> _document = new("--document")
    {
        Description = "The document to write", DefaultValueFactory = _ => Path.Combine("docs", "results.md"),
    };

    private static readonly Option<string?> _take = new("--take")
    {
        Description = "Output folder of experiments. Their tables first replace the fragments with the same names",
    };

    public static Command Command()
    {
        var command = new Command("report", "Assembles docs/results.md from the fragments in docs/results")
        {
            _fragments, _document, _take,
        };
        command.SetAction(parsed => Setting.Guarded(() =>
        {
            var folder = parsed.GetValue(_fragments)!;
            if (parsed.GetValue(_take) is { } output)
            {
                var (taken, left) = ResultsDocument.Take(folder, output);
                Console.WriteLine($"Taken: {string.Join(", ", taken)}");
                Console.WriteLine(
                    $"Not a part of the document (to include a table, add an empty NN-NAME.md to '{folder}'): "
                    + $"{string.Join(", ", left)}");
            }

            File.WriteAllText(parsed.GetValue(_document)!, ResultsDocument.Assemble(folder));
        }));
        return command;
    }
}
