using System.Collections.Immutable;
using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>An immutable, ordered list of named values of one backend: the fast or the slow parameters as generic code sees them.</summary>
/// <typeparam name="V">A value of the backend.</typeparam>
public sealed class NamedValues<V>
{
    private readonly Dictionary<string, int> _index;

    /// <summary>Values under names.</summary>
    /// <param name="names">Names, all different.</param>
    /// <param name="values">As many values; taken as they are.</param>
    /// <exception cref="ArgumentException">There are other numbers of names and values, or two names are equal.</exception>
    public NamedValues(ImmutableArray<string> names, V[] values)
        : this(names, values, IndexOf(names))
    {
        ArgumentNullException.ThrowIfNull(values);
        if (names.Length != values.Length)
        {
            throw TrainerThrow.OtherNumberOfValues(names.Length, values.Length);
        }
    }

    private NamedValues(ImmutableArray<string> names, V[] values, Dictionary<string, int> index)
    {
        Names = names;
        Values = values;
        _index = index;
    }

    /// <summary>The names, in order.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Number of values.</summary>
    public int Count => Values.Length;

    /// <summary>The values, in order.</summary>
    internal V[] Values { get; }

    /// <summary>The value of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is no such name.</exception>
    public V this[string name] => _index.TryGetValue(name, out var i)
        ? Values[i]
        : throw TrainerThrow.NoNamedValue(name, Names);

    /// <summary>Whether there is a value of this name.</summary>
    /// <param name="name">The name.</param>
    public bool Contains(string name) => _index.ContainsKey(name);

    /// <summary>The same values but for one.</summary>
    /// <param name="name">The name of the value that is replaced.</param>
    /// <param name="value">What replaces it.</param>
    /// <exception cref="KeyNotFoundException">There is no such name.</exception>
    public NamedValues<V> With(string name, V value)
    {
        _ = this[name];
        return With([.. Names.Select((known, i) => known == name ? value : Values[i])]);
    }

    /// <summary>The same names over other values, which are taken as they are.</summary>
    internal NamedValues<U> With<U>(U[] values) => values.Length == Count
        ? new NamedValues<U>(Names, values, _index)
        : throw TrainerThrow.OtherNumberOfValues(Count, values.Length);

    internal NamedValues<U> Select<U>(Func<V, U> map) => With(Array.ConvertAll(Values, v => map(v)));

    private static Dictionary<string, int> IndexOf(ImmutableArray<string> names)
    {
        if (names.IsDefault)
        {
            throw new ArgumentNullException(nameof(names));
        }

        var index = new Dictionary<string, int>(names.Length, StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (!index.TryAdd(names[i], i))
            {
                throw TrainerThrow.TwoValues(names[i]);
            }
        }

        return index;
    }
}

/// <summary>Makes <see cref="NamedValues{V}"/>.</summary>
public static class NamedValues
{
    /// <summary>Values under names.</summary>
    /// <param name="pairs">Names, all different, and their values.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    /// <exception cref="ArgumentException">Two names are equal.</exception>
    public static NamedValues<V> Of<V>(params IEnumerable<(string Name, V Value)> pairs)
    {
        (string Name, V Value)[] all = [.. pairs];
        return new NamedValues<V>([.. all.Select(pair => pair.Name)], [.. all.Select(pair => pair.Value)]);
    }
}
