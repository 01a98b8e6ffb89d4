using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetMeta.Transforms.Saving;

/// <summary>
/// A file as a chain of ML.NET's own transformers, so that <c>ml.Model.Save</c> can write it: the chain passes rows through unchanged and
/// carries the file as the only value of a lookup table.
/// </summary>
internal static class StockFile
{
    /// <param name="context">Whose transforms to use.</param>
    /// <param name="kind">What file it is: one of the columns of <see cref="StockNames"/> ending in File.</param>
    /// <param name="content">The file.</param>
    public static TransformerChain<ITransformer> Create(MLContext context, string kind, byte[] content)
    {
        var lookup = context.Data.LoadFromEnumerable([new LookupRow { Name = FileName.Value, File = content }]);
        var name = context.Transforms.CustomMapping<FileName.Input, FileName.Output>(FileName.Map, FileName.Contract);
        var file = context.Transforms.Conversion.MapValue(
            kind, lookup, lookup.Schema[nameof(LookupRow.Name)], lookup.Schema[nameof(LookupRow.File)], StockNames.FileName);
        var drop = context.Transforms.DropColumns(StockNames.FileName, kind);
        return new TransformerChain<ITransformer>([.. name.Append(file).Append(drop).Fit(OneRow(context))]);
    }

    /// <summary>The file that <see cref="Create"/> packed into <paramref name="transformer"/>; null when it is something else.</summary>
    public static byte[]? TryRead(MLContext context, ITransformer transformer, string kind)
    {
        if (transformer is not IEnumerable<ITransformer> chain
            || chain.ToArray() is not [CustomMappingTransformer<FileName.Input, FileName.Output> name, var file, _])
        {
            return null;
        }

        var data = file.Transform(name.Transform(OneRow(context)));
        return data.Schema.GetColumnOrNull(kind) is null ? null : data.GetColumn<byte[]>(kind).Single();
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
