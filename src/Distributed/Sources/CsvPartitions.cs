using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Distributed.Sources;

namespace MLNetMeta.Distributed;

/// <summary>The <c>*.csv</c> files of a folder, in the order of their names. Each file is one partition.</summary>
/// <remarks>
/// All files have the same header. The task column and the label of a classification are texts. All other columns are numbers with a
/// decimal point. A regression has one label column, or several that are named <c>Label.0</c>, <c>Label.1</c> and so on. All other columns
/// are features. Values must not be quoted. <see cref="ParquetPartitions"/> are smaller and load faster.
/// </remarks>
public sealed class CsvPartitions : IPartitionSource
{
    private readonly string[] _files;
    private readonly string _task;
    private readonly string _label;
    private readonly bool _isClassification;
    private readonly string? _weight;

    /// <summary>Uses the files of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="taskColumnName">The column that says which task a row belongs to.</param>
    /// <param name="labelColumnName">The label column. Default "Label".</param>
    /// <param name="isClassification">Whether labels are classes. Default false: labels are numbers.</param>
    /// <param name="exampleWeightColumnName">Column with the weight of a row; null (default) if all rows have the same weight.</param>
    /// <exception cref="ArgumentException">The folder does not exist or has no such files.</exception>
    public CsvPartitions(
        string folder, string taskColumnName, string labelColumnName = "Label", bool isClassification = false,
        string? exampleWeightColumnName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(taskColumnName);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        _files = PartitionFiles.Of(folder, "csv");
        (_task, _label, _isClassification, _weight) = (taskColumnName, labelColumnName, isClassification, exampleWeightColumnName);
    }

    /// <inheritdoc/>
    public int Partitions => _files.Length;

    /// <inheritdoc/>
    public IDataView Read(MLContext context, int partition, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        var file = _files[partition];
        string[] names = File.ReadLines(file).FirstOrDefault()?.Split(',') ?? [];
        var columns = FileColumns.Of(file, names, _task, _label, _weight, _isClassification);

        List<TextLoader.Column> loaded =
        [
            new(_task, DataKind.String, columns.Task),
            columns.Label is [var single]
                ? new(_label, _isClassification ? DataKind.String : DataKind.Single, single)
                : new(_label, DataKind.Single, Ranges(columns.Label)),
            new(PartitionFiles.Features, DataKind.Single, Ranges(columns.Features)),
        ];
        if (columns.Weight is { } weight)
        {
            loaded.Add(new(_weight!, DataKind.Single, weight));
        }

        return context.Data.LoadFromTextFile(
            file, new TextLoader.Options { HasHeader = true, Separators = [','], Columns = [.. loaded] });

        static TextLoader.Range[] Ranges(int[] places) => Array.ConvertAll(places, place => new TextLoader.Range(place));
    }

    /// <summary>Returns the number of files and the path of the first file.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_files.Length} files from '{_files[0]}'");
}
