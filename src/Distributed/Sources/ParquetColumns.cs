using System.Globalization;
using MLNetMeta.Distributed.Errors;
using Parquet;
using Parquet.Schema;

namespace MLNetMeta.Distributed.Sources;

/// <summary>Reads columns of a row group, whatever their type, as texts or as numbers.</summary>
internal sealed class ParquetColumns(string file, ParquetRowGroupReader rows, CancellationToken cancellation)
{
    private readonly int _count = (int)rows.RowCount;

    /// <summary>Texts; numbers are written in the invariant culture, and what is missing is empty.</summary>
    public async Task<string[]> Texts(DataField field)
    {
        if (IsText(field) && !field.IsArray)
        {
            var texts = new string?[_count];
            await rows.ReadAsync(field, texts.AsMemory(), null, cancellation);
            return Array.ConvertAll(texts, text => text ?? "");
        }

        return await (Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Int32 => Typed<int>(),
            TypeCode.Int64 => Typed<long>(),
            TypeCode.Int16 => Typed<short>(),
            TypeCode.Byte => Typed<byte>(),
            TypeCode.UInt32 => Typed<uint>(),
            TypeCode.UInt64 => Typed<ulong>(),
            TypeCode.Single => Typed<float>(),
            TypeCode.Double => Typed<double>(),
            TypeCode.DateTime => Typed<DateTime>(),
            _ when field.ClrType == typeof(Guid) => Typed<Guid>(),
            _ => throw ClusterThrow.ColumnType(file, field.Path.ToString(), Describe(field), "text or a number"),
        });

        async Task<string[]> Typed<T>()
            where T : struct, IFormattable =>
            Array.ConvertAll(
                await Read<T>(field),
                value => value is DateTime time
                    ? time.ToString("O", CultureInfo.InvariantCulture)
                    : value?.ToString(null, CultureInfo.InvariantCulture) ?? "");
    }

    /// <summary>Numbers; Booleans are 0 and 1, and what is missing is NaN.</summary>
    public async Task<float[]> Numbers(DataField field)
    {
        return await (Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Single => Typed<float>(value => value),
            TypeCode.Double => Typed<double>(value => (float)value),
            TypeCode.Boolean => Typed<bool>(value => value ? 1 : 0),
            TypeCode.SByte => Typed<sbyte>(value => value),
            TypeCode.Byte => Typed<byte>(value => value),
            TypeCode.Int16 => Typed<short>(value => value),
            TypeCode.UInt16 => Typed<ushort>(value => value),
            TypeCode.Int32 => Typed<int>(value => value),
            TypeCode.UInt32 => Typed<uint>(value => value),
            TypeCode.Int64 => Typed<long>(value => value),
            TypeCode.UInt64 => Typed<ulong>(value => value),
            TypeCode.Decimal => Typed<decimal>(value => (float)value),
            _ => throw ClusterThrow.ColumnType(file, field.Path.ToString(), Describe(field), "a number or a Boolean"),
        });

        async Task<float[]> Typed<T>(Func<T, float> convert)
            where T : struct =>
            Array.ConvertAll(await Read<T>(field), value => value is { } known ? convert(known) : float.NaN);
    }

    private async Task<T?[]> Read<T>(DataField field)
        where T : struct
    {
        if (field.IsArray)
        {
            throw ClusterThrow.ColumnType(file, field.Path.ToString(), Describe(field), "one value per row");
        }

        var nullable = new T?[_count];
        if (field.IsNullable)
        {
            await rows.ReadAsync<T>(field, nullable.AsMemory(), null, cancellation);
            return nullable;
        }

        var values = new T[_count];
        await rows.ReadAsync<T>(field, values.AsMemory(), null, cancellation);
        return Array.ConvertAll(values, value => (T?)value);
    }

    // Parquet.Net states texts as memory of characters.
    private static bool IsText(DataField field) => field.ClrType == typeof(ReadOnlyMemory<char>) || field.ClrType == typeof(string);

    private static string Describe(DataField field) =>
        (IsText(field) ? nameof(String) : field.ClrType.Name) + (field.IsArray ? "[]" : "");
}
