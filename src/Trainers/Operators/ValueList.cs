using System.Collections;
using System.Globalization;

namespace MLNetMeta.Trainers.Operators;

/// <summary>A list for options: cannot be changed, equals a list of equal elements, and prints them.</summary>
internal sealed class ValueList<T>(IEnumerable<T> elements) : IReadOnlyList<T>, IEquatable<ValueList<T>>
{
    private readonly T[] _elements = [.. elements];

    public int Count => _elements.Length;

    public T this[int index] => _elements[index];

    public bool Equals(ValueList<T>? other) => other is not null && _elements.AsSpan().SequenceEqual(other._elements);

    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var element in _elements)
        {
            hash.Add(element);
        }

        return hash.ToHashCode();
    }

    public override string ToString() =>
        $"[{string.Join(", ", _elements.Select(element => Convert.ToString(element, CultureInfo.InvariantCulture)))}]";

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_elements).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes <see cref="ValueList{T}"/>s.</summary>
internal static class ValueList
{
    /// <summary>A copy; null stays null, for the check of the options to refuse.</summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> elements) =>
        elements is null or ValueList<T> ? elements! : new ValueList<T>(elements);
}
