using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Distributed.Errors;

namespace MLNetMeta.Distributed;

/// <summary>Partitions as files <c>*.csv</c> of a folder, in the order of their names: one partition a file.</summary>
/// <remarks>
/// Every file has the same header. The task column and the label of a classification are texts, all other columns are numbers with a point;
/// the features are all columns that have no other role. Values have no quotation marks.
/// </remarks>
public sealed class CsvPartitions : IPartitionSource
{
    private readonly string[] _files;
    private readonly string _task;
    private readonly string _label;
    private readonly bool _isClassification;

    /// <summary>The files of a folder as they are now.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="taskColumnName">Column that says which task a row belongs to.</param>
    /// <param name="labelColumnName">The label.</param>
    /// <param name="isClassification">Whether labels are classes; else numbers.</param>
    /// <exception cref="ArgumentException">The folder does not exist or has no such file.</exception>
    public CsvPartitions(string folder, string taskColumnName, string labelColumnName = "Label", bool isClassification = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(taskColumnName);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        _files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.csv").Order(StringComparer.Ordinal)] : [];
        if (_files.Length == 0)
        {
            throw ClusterThrow.NoPartitions(folder);
        }

        (_task, _label, _isClassification) = (taskColumnName, labelColumnName, isClassification);
    }

    /// <inheritdoc/>
    public int Partitions => _files.Length;

    /// <inheritdoc/>
    public IDataView Read(MLContext context, int partition, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        var file = _files[partition];
        string[] names = File.ReadLines(file).FirstOrDefault()?.Split(',') ?? [];
        var (task, label) = (Place(_task), Place(_label));
        return context.Data.LoadFromTextFile(file, new TextLoader.Options
        {
            HasHeader = true,
            Separators = [','],
            Columns =
            [
                new TextLoader.Column(_task, DataKind.String, task),
                new TextLoader.Column(_label, _isClassification ? DataKind.String : DataKind.Single, label),
                new TextLoader.Column(
                    "Features", DataKind.Single,
                    [.. Enumerable.Range(0, names.Length).Where(i => i != task && i != label).Select(i => new TextLoader.Range(i))]),
            ],
        });

        int Place(string name) => Array.IndexOf(names, name) is >= 0 and var place
            ? place
            : throw ClusterThrow.NoColumn(file, name, names);
    }

    /// <summary>The files.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_files.Length} files from '{_files[0]}'");
}
