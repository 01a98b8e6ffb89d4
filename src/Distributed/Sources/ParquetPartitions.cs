using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Distributed.Sources;
using Parquet;
using Parquet.Schema;

namespace MLNetMeta.Distributed;

/// <summary>
/// Parquet files, in a folder or anywhere a stream can be opened. Each file is one partition, or each row group of a file is one.
/// </summary>
/// <remarks>
/// All files have the same columns. The task column is a text or a number. The label of a classification is a text, a Boolean or a number.
/// A regression has one numeric label column, or several that are named <c>Label.0</c>, <c>Label.1</c> and so on. All other columns are
/// features: numbers or Booleans. A null is a missing value (NaN). <c>ml.MetaLearning().SavePartitions</c> writes such files.
/// </remarks>
/// <example>
/// <code>
/// ml.MetaLearning().SavePartitions(rows, "partitions", taskColumnName: "Machine", partitions: 64);
/// var source = new ParquetPartitions("partitions", "Machine");
/// var options = new ComplexSynapseTrainer.Options { Tasks = new TaskColumn("Machine"), Compute = Compute.Partitions(source) };
/// using var learner = ml.MetaLearning().Regression.ComplexSynapse(options).Fit(ml.MetaLearning().PartitionRows(source)).Learner;
/// </code>
/// </example>
public sealed class ParquetPartitions : IPartitionSource
{
    private readonly string[] _files;
    private readonly Func<string, Stream> _open;
    private readonly string _task;
    private readonly string _label;
    private readonly bool _isClassification;
    private readonly string? _weight;
    private readonly Lazy<(string File, int? Group)[]> _partitions;

    /// <summary>Uses the <c>*.parquet</c> files of a folder, in the order of their names.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="taskColumnName">The column that says which task a row belongs to.</param>
    /// <param name="labelColumnName">The label column. Default "Label".</param>
    /// <param name="isClassification">Whether labels are classes. Default false: labels are numbers.</param>
    /// <param name="exampleWeightColumnName">Column with the weight of a row; null (default) if all rows have the same weight.</param>
    /// <param name="partitionPerRowGroup">
    /// Whether each row group of a file is a partition. Default false: each file is one partition.
    /// </param>
    /// <exception cref="ArgumentException">The folder does not exist or has no such files.</exception>
    public ParquetPartitions(
        string folder, string taskColumnName, string labelColumnName = "Label", bool isClassification = false,
        string? exampleWeightColumnName = null, bool partitionPerRowGroup = false)
        : this(
            Files(folder), File.OpenRead, taskColumnName, labelColumnName, isClassification, exampleWeightColumnName,
            partitionPerRowGroup)
    {
    }

    /// <summary>Uses files from any storage, such as an object store.</summary>
    /// <param name="files">Names of the files. All silos must use the same names in the same order.</param>
    /// <param name="open">Opens the file with this name as a stream that can seek. Called on any thread.</param>
    /// <param name="taskColumnName">The column that says which task a row belongs to.</param>
    /// <param name="labelColumnName">The label column. Default "Label".</param>
    /// <param name="isClassification">Whether labels are classes. Default false: labels are numbers.</param>
    /// <param name="exampleWeightColumnName">Column with the weight of a row; null (default) if all rows have the same weight.</param>
    /// <param name="partitionPerRowGroup">
    /// Whether each row group of a file is a partition. Default false: each file is one partition.
    /// </param>
    /// <exception cref="ArgumentException">The list of files is empty.</exception>
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

    /// <summary>Number of partitions. If row groups are partitions, the first call opens all files.</summary>
    public int Partitions => _partitions.Value.Length;

    /// <inheritdoc/>
    public IDataView Read(MLContext context, int partition, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (file, group) = _partitions.Value[partition];
        return Read(context, file, group, cancellation).GetAwaiter().GetResult();
    }

    /// <summary>Returns the number of files and the path of the first file.</summary>
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
