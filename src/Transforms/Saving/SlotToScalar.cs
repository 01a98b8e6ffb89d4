using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetMeta.Transforms.Saving;

/// <summary>In a saved classification model: the winning slot, from OnnxTransformer's vector of one element to a scalar; −1 when a score
/// is not a number.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class SlotToScalar : CustomMappingFactory<SlotToScalar.Input, SlotToScalar.Output>
{
    public const string Contract = "MLNetMeta.SlotToScalar";

    public override Action<Input, Output> GetMapping() => Map;

    public static void Map(Input input, Output output)
    {
        var isNumber = true;
        foreach (var score in input.Score.GetValues())
        {
            isNumber &= !float.IsNaN(score);
        }

        output.Key = isNumber ? input.Slot.GetItemOrDefault(0) : -1;
    }

    internal sealed class Input
    {
        [ColumnName(StockNames.Score)]
        public VBuffer<float> Score { get; set; }

        [ColumnName(StockNames.Slot)]
        public VBuffer<long> Slot { get; set; }
    }

    internal sealed class Output
    {
        [ColumnName(StockNames.Key)]
        public long Key { get; set; }
    }
}
