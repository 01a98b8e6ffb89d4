using System.Text;

namespace MLNetMeta.Reproduce;

/// <summary>docs/results.md, assembled from one Markdown fragment for each result.</summary>
/// <remarks>
/// Fragments are files <c>NN-NAME.md</c> in one folder; NN is their place in the document. Some are written by hand (the introduction,
/// benchmarks that other programs measured, how to read a table); the others are the tables that an experiment wrote to
/// <c>OUTPUT/EXPERIMENT/NAME.md</c>. A new result is one new file: an empty <c>NN-NAME.md</c> says that
/// the table NAME belongs to the document, and where.
/// </remarks>
internal static class ResultsDocument
{
    private const string Notice = "<!-- Assembled from the fragments in docs/results: dotnet run -c Release --project "
        + "benchmarks/Reproduce -- report -->\n";

    /// <summary>The document.</summary>
    /// <exception cref="FormatException">There are no fragments, a name does not say its place, or two have the same place.</exception>
    public static string Assemble(string folder)
    {
        var text = new StringBuilder(Notice);
        foreach (var fragment in Fragments(folder))
        {
            var content = File.ReadAllText(fragment.Path).ReplaceLineEndings("\n").Trim();
            if (content.Length > 0)
            {
                text.Append(content).Append("\n\n");
            }
        }

        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>Replaces fragments by the tables of the same names that experiments have written.</summary>
    /// <param name="folder">Folder of the fragments.</param>
    /// <param name="output">The experiments' output folder, with a folder for each experiment.</param>
    /// <returns>Names of the fragments replaced, and of tables that no fragment has a place for.</returns>
    /// <exception cref="FormatException">A table is of a quick run, or the fragments are not in order.</exception>
    public static (string[] Taken, string[] Left) Take(string folder, string output)
    {
        var places = Fragments(folder).ToDictionary(f => f.Name, f => f.Path);
        var tables = Directory.EnumerateDirectories(output).SelectMany(
            d => Directory.EnumerateFiles(d, "*.md")).Order(StringComparer.Ordinal).ToArray();
        List<string> taken = [], left = [];
        foreach (var table in tables)
        {
            var name = Path.GetFileNameWithoutExtension(table);
            if (!places.TryGetValue(name, out var place))
            {
                left.Add(name);
                continue;
            }

            var content = File.ReadAllText(table);
            if (content.Contains(Table.QuickNotice, StringComparison.Ordinal))
            {
                throw new FormatException(
                    $"'{table}' is from a run with --quick, whose figures mean nothing: run the experiment without --quick, or remove it.");
            }

            File.WriteAllText(place, content.ReplaceLineEndings("\n").Trim() + "\n");
            taken.Add(name);
        }

        return ([.. taken], [.. left]);
    }

    private static (string Name, string Path)[] Fragments(string folder)
    {
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.md").Order(StringComparer.Ordinal).ToArray() : [];
        if (files.Length == 0)
        {
            throw new FormatException($"'{folder}' has no fragments: expected files NN-NAME.md, where NN is the place in the document.");
        }

        var places = new Dictionary<string, string>();
        foreach (var file in files)
        {
            var name = Path.GetFileName(file);
            if (name.Length < 7 || !char.IsAsciiDigit(name[0]) || !char.IsAsciiDigit(name[1]) || name[2] != '-')
            {
                throw new FormatException($"'{file}' has no place in the document: name it NN-{name}, where NN are two digits.");
            }

            if (!places.TryAdd(name[..2], name))
            {
                throw new FormatException($"'{places[name[..2]]}' and '{name}' have the same place in the document: renumber one of them.");
            }
        }

        return [.. files.Select(f => (Path.GetFileNameWithoutExtension(f)[3..], f))];
    }
}
