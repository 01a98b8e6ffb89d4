using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Distributed.Grains;

namespace MLNetMeta.Distributed.Driver;

/// <summary>The columns of rows in partitions, without the rows.</summary>
internal sealed class ClusterView : IDataView
{
    // The classes are known when all partitions have been read; a key column says how many it has at most.
    private const int MostClasses = 1_000_000;

    private ClusterView(IEnumerable<SourceColumn> columns, string labelColumnName)
    {
        var schema = new DataViewSchema.Builder();
        foreach (var column in columns)
        {
            schema.AddColumn(column.Name, column switch
            {
                { Kind: "Text" } when column.Name == labelColumnName => new KeyDataViewType(typeof(uint), MostClasses),
                { Kind: "Text" } => TextDataViewType.Instance,
                { Kind: "Boolean" } => BooleanDataViewType.Instance,
                { Length: > 0 } => new VectorDataViewType(NumberDataViewType.Single, column.Length),
                _ => NumberDataViewType.Single,
            });
        }

        Schema = schema.ToSchema();
    }

    /// <summary>The columns of the first partition.</summary>
    public static ClusterView Of(IPartitions partitions, string labelColumnName) =>
        new(partitions.Ask(0, of => of.Columns()).GetAwaiter().GetResult(), labelColumnName);

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        throw ClusterThrow.NoRows();

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        throw ClusterThrow.NoRows();
}
