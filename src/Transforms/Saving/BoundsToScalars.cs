using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetMeta.Transforms.Saving;

/// <summary>In a saved regression model of one output with prediction intervals: their bounds, from OnnxTransformer's vectors of one
/// element to scalars.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class BoundsToScalars : CustomMappingFactory<BoundsToScalars.Input, BoundsToScalars.Output>
{
    public const string Contract = "MLNetMeta.BoundsToScalars";

    public override Action<Input, Output> GetMapping() => Map;

    public static void Map(Input input, Output output) =>
        (output.LowerValue, output.UpperValue) = (input.LowerBound.GetItemOrDefault(0), input.UpperBound.GetItemOrDefault(0));

    internal sealed class Input
    {
        [ColumnName(StockNames.LowerBound)]
        public VBuffer<float> LowerBound { get; set; }

        [ColumnName(StockNames.UpperBound)]
        public VBuffer<float> UpperBound { get; set; }
    }

    internal sealed class Output
    {
        [ColumnName(StockNames.LowerValue)]
        public float LowerValue { get; set; }

        [ColumnName(StockNames.UpperValue)]
        public float UpperValue { get; set; }
    }
}
