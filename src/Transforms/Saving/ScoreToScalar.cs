using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetMeta.Transforms.Saving;

/// <summary>In a saved regression model of one output: the score, from OnnxTransformer's vector of one element to a scalar.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class ScoreToScalar : CustomMappingFactory<ScoreToScalar.Input, ScoreToScalar.Output>
{
    public const string Contract = "MLNetMeta.ScoreToScalar";

    public override Action<Input, Output> GetMapping() => Map;

    public static void Map(Input input, Output output) => output.Value = input.Score.GetItemOrDefault(0);

    internal sealed class Input
    {
        [ColumnName(StockNames.Score)]
        public VBuffer<float> Score { get; set; }
    }

    internal sealed class Output
    {
        [ColumnName(StockNames.Value)]
        public float Value { get; set; }
    }
}
