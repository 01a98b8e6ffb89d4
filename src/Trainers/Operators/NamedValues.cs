using System.Collections.Immutable;

namespace MLNetMeta.Trainers.Operators;

/// <summary>An immutable, ordered list of named values of one backend: φ or θ as the generic code sees them.</summary>
internal sealed class NamedValues<V>
{
    private readonly Dictionary<string, int> _index;

    public NamedValues(ImmutableArray<string> names, V[] values)
        : this(names, values, IndexOf(names))
    {
        if (names.Length != values.Length)
        {
            throw new ArgumentException($"{names.Length} names were given for {values.Length} values.", nameof(values));
        }
    }

    private NamedValues(ImmutableArray<string> names, V[] values, Dictionary<string, int> index)
    {
        Names = names;
        Values = values;
        _index = index;
    }

    public ImmutableArray<string> Names { get; }

    public V[] Values { get; }

    public int Count => Values.Length;

    public V this[string name] => _index.TryGetValue(name, out var i)
        ? Values[i]
        : throw new KeyNotFoundException($"No value '{name}'; there are: {string.Join(", ", Names)}.");

    public bool Contains(string name) => _index.ContainsKey(name);

    /// <summary>The same names over other values, which are taken as they are.</summary>
    public NamedValues<U> With<U>(U[] values) => values.Length == Count
        ? new NamedValues<U>(Names, values, _index)
        : throw new ArgumentException($"{Count} values are needed, {values.Length} were given.", nameof(values));

    public NamedValues<U> Select<U>(Func<V, U> map) => With(Array.ConvertAll(Values, v => map(v)));

    /// <summary>The values of the given names, in that order.</summary>
    public NamedValues<V> Pick(ImmutableArray<string> names) => new(names, names.Select(n => this[n]).ToArray());

    private static Dictionary<string, int> IndexOf(ImmutableArray<string> names)
    {
        var index = new Dictionary<string, int>(names.Length, StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            index.Add(names[i], i);
        }

        return index;
    }
}
