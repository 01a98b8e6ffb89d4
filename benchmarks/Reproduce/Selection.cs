using System.CommandLine;

namespace MLNetMeta.Reproduce;

/// <summary>The option <c>--only</c>: some of the things that an experiment would run, by parts of their names.</summary>
/// <param name="noun">What is chosen, as the option's description and its error call it.</param>
internal sealed class Selection(string noun)
{
    public Option<string[]> Option { get; } = new("--only")
    {
        Description = $"Only {noun}s whose names contain one of these", AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Those that were asked for, in their order; all if nothing was.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="all">All of them.</param>
    /// <param name="name">The name of one; a part before a colon is its group.</param>
    /// <exception cref="ArgumentException">There are none of such names.</exception>
    public T[] Of<T>(ParseResult parsed, IReadOnlyCollection<T> all, Func<T, string> name)
    {
        var parts = parsed.GetValue(Option) ?? [];
        T[] chosen = [.. all.Where(one => parts.Length == 0 || parts.Any(part => name(one).Contains(part, StringComparison.Ordinal)))];
        return chosen.Length > 0
            ? chosen
            : throw new ArgumentException(
                $"{Option.Name} {string.Join(' ', parts)} matches no {noun}; the {noun}s are {string.Join("; ", all.Select(name))}.");
    }
}
