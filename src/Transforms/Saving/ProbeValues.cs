using System.Globalization;
using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MLNetMeta.Transforms.Columns;

namespace MLNetMeta.Transforms.Saving;

/// <summary>The values of a raw column in made-up rows, for ML.NET and for ONNX Runtime.</summary>
internal abstract class ProbeValues
{
    /// <summary>The value of a row, of the column's very type.</summary>
    public abstract object this[int row] { get; }

    public abstract string Describe(int row);

    /// <summary>All rows as the input of an exported model, <c>[rows, slots]</c>.</summary>
    public abstract OrtValue ToTensor();

    /// <param name="column">A column of numbers, booleans, text or keys.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="slots">All rows, as numbers: text is these numbers in letters, a key is one of the column's.</param>
    public static ProbeValues Create(DataViewSchema.Column column, int rows, double[] slots)
    {
        var item = OnnxColumn.ItemType(column.Type);
        if (item is TextDataViewType)
        {
            string[] texts = [.. slots.Select(slot => slot.ToString(CultureInfo.InvariantCulture))];
            return new Typed<ReadOnlyMemory<char>>(
                column, [.. texts.Select(text => text.AsMemory())], () =>
                    OrtValue.CreateFromStringTensor(new DenseTensor<string>(texts, [rows, slots.Length / rows])));
        }

        if (item is BooleanDataViewType)
        {
            return Numbers(column, rows, Array.ConvertAll(slots, slot => slot > 0));
        }

        return ItemMethod.Of<Func<DataViewSchema.Column, int, double[], ProbeValues>>(
            typeof(ProbeValues), item is KeyDataViewType ? nameof(Keys) : nameof(Convert), item)(column, rows, slots);
    }

    private static Typed<T> Convert<T>(DataViewSchema.Column column, int rows, double[] slots) where T : unmanaged, INumber<T> =>
        Numbers(column, rows, Array.ConvertAll(slots, T.CreateSaturating));

    private static Typed<T> Keys<T>(DataViewSchema.Column column, int rows, double[] slots) where T : unmanaged, INumber<T>
    {
        var count = ((KeyDataViewType)OnnxColumn.ItemType(column.Type)).Count;
        var divisor = Math.Min(count, int.MaxValue) + 1;
        long[] keys = Array.ConvertAll(slots, slot => double.IsFinite(slot) ? (long)(Math.Min(Math.Abs(slot), int.MaxValue) % divisor) : 0);
        return new(column, Array.ConvertAll(keys, T.CreateChecked), () =>
            OrtValue.CreateTensorValueFromMemory(keys, [rows, keys.Length / rows]));
    }

    private static Typed<T> Numbers<T>(DataViewSchema.Column column, int rows, T[] slots) where T : unmanaged =>
        new(column, slots, () => OrtValue.CreateTensorValueFromMemory(slots, [rows, slots.Length / rows]));

    private sealed class Typed<T>(DataViewSchema.Column column, T[] slots, Func<OrtValue> tensor) : ProbeValues
    {
        private readonly int _width = OnnxColumn.WidthOf(column.Type);

        public override object this[int row] => ProbeRow.Value(column, Row(row));

        public override string Describe(int row) =>
            string.Join(", ", Row(row).Take(3).Select(slot => string.Create(CultureInfo.InvariantCulture, $"{slot}")))
                + (_width > 3 ? ", …" : "");

        public override OrtValue ToTensor() => tensor();

        private T[] Row(int row) => slots[(row * _width)..((row + 1) * _width)];
    }
}
