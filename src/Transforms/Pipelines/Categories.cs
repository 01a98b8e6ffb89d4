using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>The values that the keys 1, 2, … of a column stand for; any other value has the key 0, which is missing.</summary>
/// <param name="ItemType">Text, booleans or numbers.</param>
/// <param name="Texts">The values as invariant text.</param>
internal sealed record Categories(PrimitiveDataViewType ItemType, IReadOnlyList<string> Texts)
{
    public int Count => Texts.Count;

    /// <summary>The annotation KeyValues of a key column, which may name values of any type by text; null when it does not say the
    /// values.</summary>
    public static Categories? OfKeys(PipelineStep step)
    {
        if (LabelNames.Read(step.Output) is not { } names || step.Sources is not [var source]
            || OnnxColumn.ItemType(source.Type) is not PrimitiveDataViewType item
            || OnnxColumn.ItemType(step.Output.Type).RawType != typeof(uint))
        {
            return null;
        }

        var categories = Create(item, names.Texts);
        return categories.Explain<uint>(step, (key, _, index) => key == index + 1) ? categories : null;
    }

    /// <summary>The names of the slots of a one-hot column, where they say the values; null when they do not.</summary>
    public static Categories? OfSlots(PipelineStep step)
    {
        if (!step.Output.HasSlotNames() || OnnxColumn.ItemType(step.Source.Type) is not PrimitiveDataViewType item)
        {
            return null;
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        step.Output.GetSlotNames(ref names);
        string[] texts = [.. names.DenseValues().Select(name => name.ToString())];
        // The slots of a vector's first element come first, and are called by that element: "[0].red".
        if (step.Source.Type is VectorDataViewType && step.Output.Type is VectorDataViewType { Dimensions.Length: 2 } matrix)
        {
            var prefix = FirstSlotName(step.Source) + ".";
            texts = texts[..matrix.Dimensions[1]];
            if (!Array.TrueForAll(texts, text => text.StartsWith(prefix, StringComparison.Ordinal)))
            {
                return null;
            }

            texts = [.. texts.Select(text => text[prefix.Length..])];
        }

        var categories = Create(item, texts);
        return categories.Explain<float>(step, (one, slot, index) => one > 0 == (slot % texts.Length == index)) ? categories : null;
    }

    /// <summary>ML.NET writes booleans as 1 and 0 where it makes text of them.</summary>
    private static Categories Create(PrimitiveDataViewType item, IReadOnlyList<string> texts) => new(
        item, item is BooleanDataViewType ? [.. texts.Select(text => text is "1" or "True" ? bool.TrueString : bool.FalseString)] : texts);

    /// <summary>The key of each slot of <paramref name="source"/>, <c>[rows, slots]</c>.</summary>
    public string Keys(GraphBuilder graph, string source)
    {
        if (ItemType is TextDataViewType)
        {
            return graph.AddTraditional(
                "LabelEncoder", [source], OnnxNodes.Texts("keys_strings", Texts), Ints("values_int64s", Numbers), Int("default_int64", 0));
        }

        var (values, known) = ItemType.RawType == typeof(float) ? (source, graph.Floats([Count], [.. Texts.Select(Single)]))
            : ItemType.RawType == typeof(double) ? (source, graph.Doubles([.. Texts.Select(Double)]))
            : (graph.Cast(source, TensorProto.Types.DataType.Int64), graph.Integers([.. Texts.Select(Integer)]));
        var matches = graph.Cast(
            graph.Add("Equal", graph.Add("Unsqueeze", values, graph.Integers([2])), known), TensorProto.Types.DataType.Int64);
        return graph.Add("ReduceSum", [graph.Add("Mul", matches, graph.Integers(Numbers)), graph.Integers([2])], Int("keepdims", 0));
    }

    /// <summary>Keys <c>[rows, slots]</c> to ones and zeros <c>[rows, slots, keys]</c>.</summary>
    public static string Ones(GraphBuilder graph, string keys, int count) => graph.Cast(
        graph.Add("Equal", graph.Add("Unsqueeze", keys, graph.Integers([2])), graph.Integers(Enumerate(count))),
            TensorProto.Types.DataType.Float);

    private long[] Numbers => Enumerate(Count);

    private static long[] Enumerate(int count) => [.. Enumerable.Range(1, count).Select(key => (long)key)];

    /// <summary>Whether a row of nothing but one value gives what that value, and no other, should: in each slot, given the slot and the
    /// value's index.</summary>
    private bool Explain<T>(PipelineStep step, Func<T, int, int, bool> isRight)
    {
        for (var index = 0; index < Count; index++)
        {
            var text = Texts[index];
            T[] made;
            try
            {
                made = ProbeRow.Run<T>(step.Stage, step.Input, step.Output, column => Repeat(column, text));
            }
            catch (Exception exception) when (exception is FormatException or OverflowException)
            {
                return false;
            }

            if (made.Where((value, slot) => !isRight(value, slot, index)).Any())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A value of the column with <paramref name="text"/> in every slot.</summary>
    private object Repeat(DataViewSchema.Column column, string text)
    {
        var value = ItemType is TextDataViewType
            ? text.AsMemory()
            : Convert.ChangeType(text, ItemType.RawType, CultureInfo.InvariantCulture);
        return ItemMethod.Of<Func<DataViewSchema.Column, object, object>>(typeof(Categories), nameof(RepeatTyped), ItemType)(column, value);
    }

    private static object RepeatTyped<T>(DataViewSchema.Column column, object value) =>
        ProbeRow.Value(column, [.. Enumerable.Repeat((T)value, OnnxColumn.WidthOf(column.Type))]);

    private static string FirstSlotName(DataViewSchema.Column column)
    {
        if (!column.HasSlotNames())
        {
            return "[0]";
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return names.GetItemOrDefault(0).ToString();
    }

    private static float Single(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    private static double Double(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>As ONNX casts booleans and integers of any type.</summary>
    private long Integer(string text) => ItemType switch
    {
        BooleanDataViewType => bool.Parse(text) ? 1 : 0,
        _ when ItemType.RawType == typeof(ulong) => unchecked((long)ulong.Parse(text, CultureInfo.InvariantCulture)),
        _ => long.Parse(text, CultureInfo.InvariantCulture),
    };
}
