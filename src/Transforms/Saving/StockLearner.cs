using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetMeta.Transforms;

/// <summary>
/// A learner as a chain of ML.NET's own transformers, so that <c>ml.Model.Save</c> can write a meta-trained pipeline: the chain passes rows
/// through unchanged and carries the learner's file as the only value of a lookup table.
/// </summary>
internal static class StockLearner
{
    public static TransformerChain<ITransformer> Create(MLContext context, Learner learner)
    {
        var lookup = context.Data.LoadFromEnumerable([new LookupRow { Name = LearnerName.Value, File = learner.File.ToArray() }]);
        var name = context.Transforms.CustomMapping<LearnerName.Input, LearnerName.Output>(LearnerName.Map, LearnerName.Contract);
        var file = context.Transforms.Conversion.MapValue(
            StockNames.LearnerFile,
            lookup, lookup.Schema[nameof(LookupRow.Name)], lookup.Schema[nameof(LookupRow.File)],
            StockNames.LearnerName);
        var drop = context.Transforms.DropColumns(StockNames.LearnerName, StockNames.LearnerFile);
        var rows = OneRow(context);
        return new TransformerChain<ITransformer>(name.Append(file).Append(drop).Fit(rows));
    }

    /// <summary>The learner that <see cref="Create"/> packed into <paramref name="transformer"/>; null when it is something else.</summary>
    public static Learner? TryRead(MLContext context, ITransformer transformer, Learner.Options options)
    {
        if (transformer is not IEnumerable<ITransformer> chain
            || chain.ToArray() is not [CustomMappingTransformer<LearnerName.Input, LearnerName.Output> name, var file, _])
        {
            return null;
        }
        var data = file.Transform(name.Transform(OneRow(context)));
        return Learner.Load(data.GetColumn<byte[]>(StockNames.LearnerFile).Single(), options);
    }

    private static IDataView OneRow(MLContext context) => context.Data.LoadFromEnumerable([new Row()]);

    private sealed class Row
    {
        public float Unused { get; set; }
    }

    private sealed class LookupRow
    {
        public string Name { get; set; } = "";

        public byte[] File { get; set; } = [];
    }
}
