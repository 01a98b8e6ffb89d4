using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Distributed.Sources;
using Parquet;
using Parquet.Schema;

namespace MLNetMeta.Distributed;

/// <summary>Parquet files, in a folder or wherever a stream can be opened. Each file is one partition, or each of its row groups
/// is.</summary>
/// <remarks>
/// All files have the same columns. The task column is a text or a number. The label of a classification is a text, a Boolean or a
/// number. A regression has one numeric label column, or several that are named <c>Label.0</c>, <c>Label.1</c> and so on. All columns
/// without another role are features: numbers or Booleans; a null is a missing value (NaN). <c>ml.MetaLearning().SavePartitions</c> writes
/// such files.
/// </remarks>
public sealed class ParquetPartitions : IPartitionSource
{
    private readonly string[] _files;
    private readonly Func<string, Stream> _open;
    private readonly string _task;
    private readonly string _label;
    private readonly bool _isClassification;
    private readonly string? _weight;
    private readonly Lazy<(string File, int? Group)[]> _partitions;

    /// <summary>Lists the files <c>*.parquet</c> of a folder, in the order of their names.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="taskColumnName">Column with the task of a row.</param>
    /// <param name="labelColumnName">The label. Default "Label".</param>
    /// <param name="isClassification">Whether labels are classes. Default false: they are numbers.</param>
    /// <param name="exampleWeightColumnName">The weight of a row; null (default) when all rows weigh the same.</param>
    /// <param name="partitionPerRowGroup">Whether each row group of a file is a partition. Default false: each file is one.</param>
    /// <exception cref="ArgumentException">The folder does not exist or has no such file.</exception>
    public ParquetPartitions(
        string folder, string taskColumnName, string labelColumnName = "Label", bool isClassification = false,
        string? exampleWeightColumnName = null, bool partitionPerRowGroup = false)
        : this(
            Files(folder), File.OpenRead, taskColumnName, labelColumnName, isClassification, exampleWeightColumnName,
            partitionPerRowGroup)
    {
    }

    /// <summary>Takes files from anywhere, such as an object store.</summary>
    /// <param name="files">Names of the files, the same in the same order on all silos.</param>
    /// <param name="open">Opens a file of this name: a stream that can seek. Called on any thread.</param>
    /// <param name="taskColumnName">Column with the task of a row.</param>
    /// <param name="labelColumnName">The label. Default "Label".</param>
    /// <param name="isClassification">Whether labels are classes. Default false: they are numbers.</param>
    /// <param name="exampleWeightColumnName">The weight of a row; null (default) when all rows weigh the same.</param>
    /// <param name="partitionPerRowGroup">Whether each row group of a file is a partition. Default false: each file is one.</param>
    /// <exception cref="ArgumentException">There are no files.</exception>
    public ParquetPartitions(
        IReadOnlyList<string> files, Func<string, Stream> open, string taskColumnName, string labelColumnName = "Label",
        bool isClassification = false, string? exampleWeightColumnName = null, bool partitionPerRowGroup = false)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(open);
        ArgumentException.ThrowIfNullOrEmpty(taskColumnName);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        _files = files.Count > 0 ? [.. files] : throw ClusterThrow.NoFiles();
        (_open, _task, _label, _isClassification, _weight) =
            (open, taskColumnName, labelColumnName, isClassification, exampleWeightColumnName);
        _partitions = new(
            () => partitionPerRowGroup ? [.. _files.SelectMany(RowGroups)] : [.. _files.Select(file => (file, (int?)null))]);
    }

    /// <summary>Number of partitions. Where row groups are partitions, the first call opens all files.</summary>
    public int Partitions => _partitions.Value.Length;

    /// <inheritdoc/>
    public IDataView Read(MLContext context, int partition, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (file, group) = _partitions.Value[partition];
        return Read(context, file, group, cancellation).GetAwaiter().GetResult();
    }

    /// <summary>Number of files, and the first of them.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_files.Length} files from '{_files[0]}'");

    private static string[] Files(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return PartitionFiles.Of(folder, "parquet");
    }

    private IEnumerable<(string File, int? Group)> RowGroups(string file)
    {
        using var stream = _open(file);
        var count = Count(stream).GetAwaiter().GetResult();
        return Enumerable.Range(0, count).Select(group => (file, (int?)group));

        static async Task<int> Count(Stream stream)
        {
            await using var reader = await ParquetReader.CreateAsync(stream);
            return reader.RowGroupCount;
        }
    }

    private async Task<IDataView> Read(MLContext context, string file, int? group, CancellationToken cancellation)
    {
        await using var stream = _open(file);
        await using var reader = await ParquetReader.CreateAsync(stream, cancellationToken: cancellation);
        var fields = reader.Schema.DataFields;
        var columns = FileColumns.Of(
            file, Array.ConvertAll(fields, field => field.Path.ToString()), _task, _label, _weight, _isClassification);
        var label = fields[columns.Label[0]];
        var isText = _isClassification && label.ClrType != typeof(bool);
        var table = new PartitionTable(_task, _label, _weight, columns.Features.Length, columns.Label.Length)
        {
            LabelKind = !_isClassification ? LabelType.Number : isText ? LabelType.Text : LabelType.Boolean,
        };
        var groups = group is { } one ? [one] : Enumerable.Range(0, reader.RowGroupCount);
        foreach (var number in groups)
        {
            using var rows = reader.OpenRowGroupReader(number);
            var of = new ParquetColumns(file, rows, cancellation);
            var (first, count) = (table.Add((int)rows.RowCount), (int)rows.RowCount);
            (await of.Texts(fields[columns.Task])).CopyTo(table.Tasks.AsSpan(first, count));
            if (isText)
            {
                (await of.Texts(label)).CopyTo(table.Classes.AsSpan(first, count));
            }
            else
            {
                foreach (var (element, place) in columns.Label.Index())
                {
                    PartitionTable.Spread(await of.Numbers(fields[place]), table.Labels, first, element, columns.Label.Length);
                }
            }

            foreach (var (element, place) in columns.Features.Index())
            {
                PartitionTable.Spread(await of.Numbers(fields[place]), table.Features, first, element, columns.Features.Length);
            }

            if (columns.Weight is { } weight)
            {
                (await of.Numbers(fields[weight])).CopyTo(table.Weights.AsSpan(first, count));
            }
        }

        return table.ToView(context);
    }
}
