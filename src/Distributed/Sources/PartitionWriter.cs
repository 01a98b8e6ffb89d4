using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Distributed.Errors;
using Parquet;
using Parquet.Schema;

namespace MLNetMeta.Distributed.Sources;

/// <summary>Spreads the tasks of a view over Parquet files by a hash of their names, in one pass over the rows.</summary>
internal sealed class PartitionWriter
{
    // Values that wait in memory for their row group, of all partitions together.
    private const int MostWaiting = 16 * 1024 * 1024;
    private const int MostRowsOfAGroup = 65_536;

    private readonly string _folder;
    private readonly ParquetSchema _schema;
    private readonly LabelType _labelType;
    private readonly int _width;
    private readonly int _rowsOfAGroup;
    private readonly Part?[] _parts;

    private PartitionWriter(string folder, ParquetSchema schema, LabelType labelType, int partitions)
    {
        (_folder, _schema, _labelType) = (folder, schema, labelType);
        _parts = new Part?[partitions];
        _width = schema.DataFields.Count(field => field.ClrType == typeof(float));
        _rowsOfAGroup = Math.Clamp(MostWaiting / (partitions * (_width + 1)), 1, MostRowsOfAGroup);
    }

    /// <summary>Which partition a task belongs to: the same for the same name, everywhere.</summary>
    public static int PartitionOf(string task, int partitions) =>
        (int)(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(task.AsSpan())) % (ulong)partitions);

    /// <summary>Writes the files; where it fails, none of them stays.</summary>
    /// <returns>Number of files: partitions without a task have none.</returns>
    public static async Task<int> Write(
        IDataView rows, string folder, string task, string label, string features, string? weight, int partitions,
        CancellationToken cancellation)
    {
        var source = new PartitionRowReader(rows, task, label, features, weight);
        var writer = new PartitionWriter(folder, source.FileSchema, source.LabelType, partitions);
        Directory.CreateDirectory(folder);
        if (Directory.EnumerateFiles(folder, "*.parquet").Any())
        {
            throw ClusterThrow.FolderInUse(folder);
        }

        try
        {
            using (source)
            {
                while (source.MoveNext())
                {
                    cancellation.ThrowIfCancellationRequested();
                    await writer.Add(source);
                }
            }

            return await writer.Complete();
        }
        catch
        {
            await writer.Discard();
            throw;
        }
    }

    private async ValueTask Add(PartitionRowReader row)
    {
        var number = PartitionOf(row.Task, _parts.Length);
        var part = _parts[number] ??= await Part.Create(
            Path.Combine(_folder, FormattableString.Invariant($"part-{number:D5}.parquet")), _schema);
        part.Tasks.Add(row.Task);
        part.Numbers.AddRange(row.Numbers);
        if (_labelType == LabelType.Text)
        {
            part.Classes.Add(row.Class);
        }
        else if (_labelType == LabelType.Boolean)
        {
            part.IsTrue.Add(row.IsTrue);
        }

        if (part.Tasks.Count == _rowsOfAGroup)
        {
            await Flush(part);
        }
    }

    private async Task Flush(Part part)
    {
        using var group = part.Writer.CreateRowGroup();
        var (count, number) = (part.Tasks.Count, 0);
        foreach (var (place, field) in _schema.DataFields.Index())
        {
            if (place == 0)
            {
                await group.WriteAsync(field, part.Tasks);
            }
            else if (field.ClrType == typeof(bool))
            {
                await group.WriteAsync<bool>(field, part.IsTrue.ToArray());
            }
            else if (field.ClrType != typeof(float))
            {
                await group.WriteAsync(field, part.Classes);
            }
            else
            {
                var column = new float[count];
                for (var row = 0; row < count; row++)
                {
                    column[row] = part.Numbers[(row * _width) + number];
                }

                await group.WriteAsync<float>(field, column);
                number++;
            }
        }

        group.CompleteValidate();
        part.Clear();
    }

    private async Task<int> Complete()
    {
        var files = 0;
        foreach (var part in _parts.OfType<Part>())
        {
            if (part.Tasks.Count > 0)
            {
                await Flush(part);
            }

            await part.DisposeAsync();
            files++;
        }

        return files;
    }

    private async Task Discard()
    {
        foreach (var part in _parts.OfType<Part>())
        {
            await part.DisposeAsync();
            File.Delete(part.Path);
        }
    }

    private sealed class Part(string path, FileStream stream, ParquetWriter writer) : IAsyncDisposable
    {
        public string Path => path;

        public ParquetWriter Writer => writer;

        public List<string> Tasks { get; } = [];

        public List<float> Numbers { get; } = [];

        public List<string> Classes { get; } = [];

        public List<bool> IsTrue { get; } = [];

        public static async Task<Part> Create(string path, ParquetSchema schema)
        {
            var stream = new FileStream(path, FileMode.CreateNew);
            return new Part(path, stream, await ParquetWriter.CreateAsync(schema, stream));
        }

        public void Clear()
        {
            Tasks.Clear();
            Numbers.Clear();
            Classes.Clear();
            IsTrue.Clear();
        }

        public async ValueTask DisposeAsync()
        {
            await writer.DisposeAsync();
            await stream.DisposeAsync();
        }
    }
}
