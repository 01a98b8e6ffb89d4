using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetMeta.Transforms;

/// <summary>In a saved meta-trained model: the constant by which the learner's file is looked up.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class LearnerName : CustomMappingFactory<LearnerName.Input, LearnerName.Output>
{
    public const string Contract = "MLNetMeta.LearnerName";
    public const string Value = "learner";

    public override Action<Input, Output> GetMapping() => Map;

    public static void Map(Input input, Output output) => output.Name = Value;

    internal sealed class Input;

    internal sealed class Output
    {
        [ColumnName(StockNames.LearnerName)]
        public string Name { get; set; } = "";
    }
}
