using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Trainers.Episodes;

/// <summary>Numbers the values of a task column, of any scalar type, in order of appearance.</summary>
internal abstract class GroupReader
{
    /// <summary>The value of each number, as text.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The number of the current row's task.</summary>
    public abstract int Next();

    public static GroupReader Create(DataViewRow row, DataViewSchema.Column column) =>
        (GroupReader)typeof(GroupReader).GetMethod(nameof(CreateTyped), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(column.Type.RawType).Invoke(null, [row, column])!;

    private static Typed<T> CreateTyped<T>(DataViewRow row, DataViewSchema.Column column) => new(row.GetGetter<T>(column), column);

    private sealed class Typed<T>(ValueGetter<T> getter, DataViewSchema.Column column) : GroupReader
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
        private readonly bool _isKey = column.Type is KeyDataViewType;
        private T _value = default!;

        public override int Next()
        {
            getter(ref _value);
            var name = Convert.ToString(_value is ReadOnlyMemory<char> text ? text.ToString() : _value, CultureInfo.InvariantCulture) ?? "";
            if (name.Length == 0 || _value is float.NaN or double.NaN || (_isKey && name == "0"))
            {
                throw TrainerThrow.MissingTask(column.Name);
            }

            if (!_numbers.TryGetValue(name, out var number))
            {
                number = Names.Count;
                _numbers.Add(name, number);
                Names.Add(name);
            }

            return number;
        }
    }
}
