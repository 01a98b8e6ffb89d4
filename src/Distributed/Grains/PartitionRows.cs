using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Distributed.Grains;

/// <summary>Reads the rows of a partition and prepares them for a job.</summary>
internal static class PartitionRows
{
    /// <summary>The columns that a source offers: texts, Booleans, numbers and vectors of known size.</summary>
    public static SourceColumn[] Columns(IDataView view) =>
    [
        .. from column in view.Schema
           where !column.IsHidden
           let kind = column.Type switch
           {
               TextDataViewType or KeyDataViewType => "Text",
               BooleanDataViewType => "Boolean",
               NumberDataViewType number when number == NumberDataViewType.Single => "Single",
               VectorDataViewType { IsKnownSize: true } vector when vector.ItemType == NumberDataViewType.Single => "Single",
               _ => null,
           }
           where kind is not null
           select new SourceColumn(column.Name, kind, column.Type is VectorDataViewType of ? of.Size : 0),
    ];

    /// <summary>All rows. Labels that are texts become classes in the order of their names.</summary>
    public static TaskData Read(IPartitionSource source, int partition, ColumnNames columns)
    {
        var context = new MLContext();
        var view = source.Read(context, partition, CancellationToken.None);
        if (columns.IsClassification && view.Schema.GetColumnOrNull(columns.Label)?.Type is TextDataViewType)
        {
            view = context.Transforms.Conversion.MapValueToKey(
                columns.Label, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(view).Transform(view);
        }

        return TaskDataReader.Read(
            view, new TaskColumns(
                columns.IsClassification, columns.Label, columns.Features, columns.Task, columns.MayMissTargets, columns.Weight),
            CancellationToken.None);
    }

    /// <summary>Standardised, and with the classes of all partitions. The raw rows are changed.</summary>
    public static TaskData Prepare(TaskData raw, JobDefinition job)
    {
        Standardizer.ApplyInPlace(job.Features, raw.Features);
        if (!raw.IsClassification)
        {
            Standardizer.ApplyInPlace(job.Targets, raw.Targets);
            return raw;
        }

        int[] indices = [.. raw.ClassNames.Select(name => Array.IndexOf(job.ClassNames, name))];
        return raw with
        {
            Classes = Array.ConvertAll(raw.Classes, of => indices[of]), ClassNames = ImmutableArray.Create(job.ClassNames),
        };
    }
}
