using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Columns;

/// <summary>Numbers the values of a task column, of any scalar type, in order of appearance.</summary>
internal abstract class GroupReader
{
    /// <summary>The value of each number, as text for messages. Different values may have the same text.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The number of the current row's task.</summary>
    public abstract int Next();

    public static GroupReader Create(DataViewRow row, DataViewSchema.Column column) => column.Type is TextDataViewType
        ? new Typed<ReadOnlyMemory<char>, string>(row, column, text => text.ToString())
        : ItemMethod.Of<Func<DataViewRow, DataViewSchema.Column, GroupReader>>(
            typeof(GroupReader), nameof(CreateTyped), column.Type)(row, column);

    private static Typed<T, T> CreateTyped<T>(DataViewRow row, DataViewSchema.Column column)
        where T : notnull => new(row, column, value => value);

    /// <summary>Distinguishes tasks by value, because the text of a value may be shortened. For example, the text of a time has whole
    /// seconds.</summary>
    private sealed class Typed<T, TValue>(DataViewRow row, DataViewSchema.Column column, Func<T, TValue> valueOf) : GroupReader
        where T : notnull
        where TValue : notnull
    {
        private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);
        private readonly Dictionary<TValue, int> _numbers = [];
        private readonly bool _isKey = column.Type is KeyDataViewType;
        private T _current = default!;
        private long _row;

        public override int Next()
        {
            _row++;
            _getter(ref _current);
            var value = valueOf(_current);
            if (!_numbers.TryGetValue(value, out var number))
            {
                number = Names.Count;
                _numbers.Add(value, number);
                Names.Add(NameOf(value));
            }

            return number;
        }

        private string NameOf(TValue value)
        {
            var name = value is DateTime or DateTimeOffset
                ? FormattableString.Invariant($"{value:O}")
                : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            return name.Length > 0 && value is not (float.NaN or double.NaN) && !(_isKey && name == "0")
                ? name
                : throw Throw.MissingTask(_row, column.Name);
        }
    }
}
