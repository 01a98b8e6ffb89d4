using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetMeta.Transforms.Saving;

/// <summary>In a saved model: the constant by which a file inside it is looked up.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class FileName : CustomMappingFactory<FileName.Input, FileName.Output>
{
    public const string Contract = "MLNetMeta.FileName";
    public const string Value = "file";

    public override Action<Input, Output> GetMapping() => Map;

    public static void Map(Input input, Output output) => output.Name = Value;

    internal sealed class Input;

    internal sealed class Output
    {
        [ColumnName(StockNames.FileName)]
        public string Name { get; set; } = "";
    }
}
