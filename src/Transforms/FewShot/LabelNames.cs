using System.Globalization;
using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML;

namespace MLNetMeta.Transforms;

/// <summary>The names of a label column's keys: its <c>KeyValues</c> annotation, of text or any other primitive type.</summary>
internal interface ILabelNames
{
    /// <summary>The type of one name.</summary>
    PrimitiveDataViewType ItemType { get; }

    /// <summary>The names as invariant text; the name of key k is at k − 1.</summary>
    IReadOnlyList<string> Texts { get; }

    /// <summary>These names and then <paramref name="texts"/>, converted to the same type.</summary>
    ILabelNames Append(IEnumerable<string> texts);

    /// <summary>Adds the names as annotation <paramref name="kind"/>.</summary>
    void AddTo(DataViewSchema.Annotations.Builder annotations, string kind);

    /// <summary>Adds the names as annotation <paramref name="kind"/> to a column definition.</summary>
    void AddTo(SchemaDefinition.Column column, string kind);
}

/// <summary>Reads <see cref="ILabelNames"/> from a column.</summary>
internal static class LabelNames
{
    public const string KeyValues = "KeyValues";

    /// <summary>The names of the keys of <paramref name="column"/>; null when it has none.</summary>
    public static ILabelNames? Read(DataViewSchema.Column column)
    {
        var annotation = column.Annotations.Schema.GetColumnOrNull(KeyValues);
        if (annotation?.Type is not VectorDataViewType { ItemType: PrimitiveDataViewType item })
            return null;
        var read = typeof(LabelNames).GetMethod(nameof(ReadTyped), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (ILabelNames?)read.MakeGenericMethod(item.RawType).Invoke(null, [column, item]);
    }

    private static LabelNames<T>? ReadTyped<T>(DataViewSchema.Column column, PrimitiveDataViewType item)
    {
        VBuffer<T> values = default;
        column.Annotations.GetValue(KeyValues, ref values);
        var type = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        return type is KeyDataViewType key && (ulong)values.Length == key.Count
            ? new LabelNames<T>(item, [.. values.DenseValues()])
            : null;
    }
}

/// <summary>Names of type <typeparamref name="T"/>.</summary>
internal sealed class LabelNames<T>(PrimitiveDataViewType itemType, T[] values) : ILabelNames
{
    public PrimitiveDataViewType ItemType => itemType;

    public IReadOnlyList<string> Texts { get; } = [.. values.Select(ToText)];

    public ILabelNames Append(IEnumerable<string> texts) => new LabelNames<T>(itemType, [.. values, .. texts.Select(Parse)]);

    public void AddTo(DataViewSchema.Annotations.Builder annotations, string kind)
    {
        var buffer = new VBuffer<T>(values.Length, values);
        annotations.Add(kind, new VectorDataViewType(itemType, values.Length), (ref VBuffer<T> value) => buffer.CopyTo(ref value));
    }

    public void AddTo(SchemaDefinition.Column column, string kind) =>
        column.AddAnnotation(kind, new VBuffer<T>(values.Length, values), new VectorDataViewType(itemType, values.Length));

    // Convert writes times to the second only, and reads them in the local time zone.
    private static string ToText(T value) => value switch
    {
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static T Parse(string text)
    {
        try
        {
            return (T)(typeof(T) == typeof(ReadOnlyMemory<char>) ? text.AsMemory()
                : typeof(T) == typeof(DateTime) ? DateTime.ParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)
                : typeof(T) == typeof(DateTimeOffset) ? DateTimeOffset.ParseExact(text, "O", CultureInfo.InvariantCulture)
                : typeof(T) == typeof(TimeSpan) ? TimeSpan.Parse(text, CultureInfo.InvariantCulture)
                : Convert.ChangeType(text, typeof(T), CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is FormatException or InvalidCastException or OverflowException)
        {
            throw Throw.InconvertibleName(text, typeof(T));
        }
    }
}
