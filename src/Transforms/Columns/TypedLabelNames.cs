using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Columns;

/// <summary>Names of type <typeparamref name="T"/>.</summary>
internal sealed class TypedLabelNames<T>(PrimitiveDataViewType itemType, T[] values) : ILabelNames
{
    public PrimitiveDataViewType ItemType => itemType;

    public IReadOnlyList<string> Texts { get; } = [.. values.Select(ToText)];

    public ILabelNames Append(IEnumerable<string> texts) => new TypedLabelNames<T>(itemType, [.. values, .. texts.Select(Parse)]);

    public IDataView ToView(MLContext context)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[0].ColumnType = itemType;
        return context.Data.LoadFromEnumerable(values.Select(value => new Row { Name = value }), schema);
    }

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

    private sealed class Row
    {
        public T Name { get; set; } = default!;
    }
}
