using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace MLNetMeta.Testing;

/// <summary>
/// The folders of a package as rooms, and what a table says they may use. A type's room is the folder of the source file that declares it,
/// and not its namespace: public types share one namespace, and a file that lies in the wrong folder must not pass for another.
/// </summary>
public abstract partial class RoomTests
{
    private const string NoRoom = "";

    private readonly string _rootNamespace;
    private readonly IReadOnlyDictionary<string, string[]> _arrows;
    private readonly Dictionary<string, string> _declared = [];

    /// <param name="assembly">The package.</param>
    /// <param name="source">Its folder, from the folder of the solution: <c>src/Transforms</c>.</param>
    /// <param name="rootNamespace">The namespace of its public types.</param>
    /// <param name="arrows">The rooms that each room may use, itself left out.</param>
    protected RoomTests(Assembly assembly, string source, string rootNamespace, IReadOnlyDictionary<string, string[]> arrows)
    {
        (_rootNamespace, _arrows) = (rootNamespace, arrows);
        ReadDeclarations(Path.Combine(OutsideProgram.Root, source));
        Types =
        [
            .. from type in assembly.GetTypes()
               where type.DeclaringType is null
               let room = Of(type)
               where room is not null
               select (type, room),
        ];
    }

    /// <summary>The top-level types and their rooms.</summary>
    protected IReadOnlyList<(Type Type, string Room)> Types { get; }

    [Fact]
    public void Rooms_OfTheSources_AreThoseOfTheTable() => AssertNone(Unknown());

    [Fact]
    public void Rooms_UseOnly_WhatTheirArrowsPointTo() => AssertNone(AgainstTheArrows());

    [Fact]
    public void Arrows_Unused_AreNotInTheTable() => AssertNone(Unused());

    [Fact]
    public void Arrows_AreThose_OfTheDocument() => AssertNone(OtherwiseDocumented());

    [Fact]
    public void Arrows_LeadBack_Nowhere() => AssertNone(Cycles());

    [Fact]
    public void Namespaces_SayTheRoom_OfWhatIsNotPublic() => AssertNone(Misplaced());

    protected static void AssertNone(IEnumerable<string> violations)
    {
        string[] found = [.. violations.Distinct()];
        Assert.True(found.Length == 0, string.Join(Environment.NewLine, found));
    }

    /// <summary>The room of a type, that of the type around it if it is nested; null for types of others and of the compiler.</summary>
    private string? Of(Type type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        if (_declared.TryGetValue($"{type.Namespace}.{type.Name}", out var room))
        {
            return room;
        }

        // Generated code has no file in a folder, but a namespace.
        return type.Namespace?.StartsWith(_rootNamespace + ".", StringComparison.Ordinal) == true
            ? type.Namespace[(_rootNamespace.Length + 1)..].Split('.')[0]
            : null;
    }

    /// <summary>Rooms whose row in a table of docs/architecture.md says something else than the table here.</summary>
    private IEnumerable<string> OtherwiseDocumented()
    {
        var rows = File.ReadLines(Path.Combine(OutsideProgram.Root, "docs/architecture.md"))
            .SkipWhile(line => line != $"## Rooms of {_rootNamespace}").Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[0], cells => cells.Length < 3 ? "" : cells[2]);
        return _arrows.Keys.Union(rows.Keys)
            .Where(
                room =>
                    !rows.TryGetValue(room, out var said) || said != string.Join(", ", _arrows.GetValueOrDefault(room) ?? ["no such room"]))
            .Select(room => $"{room} is documented with '{rows.GetValueOrDefault(room)}'");
    }

    /// <summary>Rooms that the table lacks, and rooms of the table without a type; types in no room at all.</summary>
    private IEnumerable<string> Unknown()
    {
        var present = Types.Select(entry => entry.Room).ToHashSet();
        var named = _arrows.Keys.Concat(_arrows.Values.SelectMany(rooms => rooms)).ToHashSet();
        return Types.Where(entry => entry.Room == NoRoom).Select(entry => $"{entry.Type} is in no room")
            .Concat(present.Except(_arrows.Keys).Where(room => room != NoRoom).Select(room => $"the table has no row for {room}"))
            .Concat(named.Except(present).Select(room => $"no type is in {room}"));
    }

    /// <summary>Uses of a type by a room that may not use its room.</summary>
    private IEnumerable<string> AgainstTheArrows() =>
        from entry in Types
        from used in TypeDependencies.OfWhole(entry.Type)
        let target = Of(used)
        where target is not null && target != entry.Room && !_arrows.GetValueOrDefault(entry.Room, []).Contains(target)
        select $"{entry.Room} → {target}: {entry.Type} uses {used}";

    /// <summary>Arrows of the table that no type needs.</summary>
    private IEnumerable<string> Unused()
    {
        var needed = (from entry in Types
                      from used in TypeDependencies.OfWhole(entry.Type)
                      select (entry.Room, Of(used))).ToHashSet();
        return from row in _arrows from target in row.Value where !needed.Contains((row.Key, target)) select $"{row.Key} → {target}";
    }

    /// <summary>Rooms from which the arrows of the table lead back.</summary>
    private IEnumerable<string> Cycles() =>
        from room in _arrows.Keys
        where Reachable(room).Contains(room)
        select $"the arrows from {room} lead back to it";

    /// <summary>Public types outside the root namespace and that of ML.NET, which holds its extension methods; internal types outside of
    /// that of their room.</summary>
    private IEnumerable<string> Misplaced() =>
        from entry in Types
        let isRight = entry.Type.IsPublic
            ? entry.Type.Namespace == _rootNamespace || entry.Type.Namespace == "Microsoft.ML"
            : entry.Type.Namespace == $"{_rootNamespace}.{entry.Room}"
        where !isRight
        select $"{entry.Type} of {entry.Room} is in the namespace {entry.Type.Namespace}";

    private HashSet<string> Reachable(string from)
    {
        var reached = new HashSet<string>();
        var pending = new Stack<string>(_arrows[from]);
        while (pending.TryPop(out var room))
        {
            if (!reached.Add(room))
            {
                continue;
            }

            foreach (var next in _arrows.GetValueOrDefault(room, []))
            {
                pending.Push(next);
            }
        }

        return reached;
    }

    private void ReadDeclarations(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        {
            string[] path = Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar);
            if (path[0] is "bin" or "obj")
            {
                continue;
            }

            var text = File.ReadAllText(file);
            var space = Namespace().Match(text).Groups["name"].Value;
            foreach (Match declaration in Declaration().Matches(text))
            {
                var parameters = declaration.Groups["parameters"];
                var arity = parameters.Success ? $"`{parameters.Value.Count(letter => letter == ',') + 1}" : "";
                _declared[$"{space}.{declaration.Groups["name"].Value}{arity}"] = path.Length > 1 ? path[0] : NoRoom;
            }
        }
    }

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // Namespaces are of the file, so that a top-level type begins at the first column.
    [GeneratedRegex(
        @"^(?:(?:public|internal|file|sealed|static|abstract|readonly|partial|ref|unsafe) )+"
        + @"(?:class|interface|enum|record struct|record class|record|struct|delegate (?:[\w.<>?,\[\]]|, )+) "
        + @"(?<name>\w+)(?:<(?<parameters>[^>]*)>)?",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
