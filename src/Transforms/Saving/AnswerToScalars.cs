using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetMeta.Transforms.Saving;

/// <summary>In a saved model of Boolean labels: log-odds, probability and answer, from OnnxTransformer's vectors of one element to
/// scalars.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class AnswerToScalars : CustomMappingFactory<AnswerToScalars.Input, AnswerToScalars.Output>
{
    public const string Contract = "MLNetMeta.AnswerToScalars";

    public override Action<Input, Output> GetMapping() => Map;

    public static void Map(Input input, Output output)
    {
        output.Value = input.Score.GetItemOrDefault(0);
        output.ProbabilityValue = input.Probability.GetItemOrDefault(0);
        output.AnswerValue = input.Answer.GetItemOrDefault(0);
    }

    internal sealed class Input
    {
        [ColumnName(StockNames.Score)]
        public VBuffer<float> Score { get; set; }

        [ColumnName(StockNames.Probability)]
        public VBuffer<float> Probability { get; set; }

        [ColumnName(StockNames.Answer)]
        public VBuffer<bool> Answer { get; set; }
    }

    internal sealed class Output
    {
        [ColumnName(StockNames.Value)]
        public float Value { get; set; }

        [ColumnName(StockNames.ProbabilityValue)]
        public float ProbabilityValue { get; set; }

        [ColumnName(StockNames.AnswerValue)]
        public bool AnswerValue { get; set; }
    }
}
