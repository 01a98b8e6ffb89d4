using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Columns;

/// <summary>Collects a column of numbers (a scalar or a vector, dense or sparse) row by row into one dense matrix.</summary>
/// <param name="cursor">The rows.</param>
/// <param name="column">The column.</param>
/// <param name="mayMiss">Whether NaN is a missing value and not a mistake.</param>
internal sealed class DenseRows(DataViewRow cursor, DataViewSchema.Column column, bool mayMiss = false)
{
    private readonly RowReader _read = RowReader.Create(cursor, column);
    private readonly List<float> _values = [];

    /// <summary>Elements of a row.</summary>
    public int Width { get; } = WidthOf(column.Type)!.Value;

    /// <summary>Rows collected so far.</summary>
    public int Rows { get; private set; }

    /// <summary>The row added last.</summary>
    public ReadOnlySpan<float> Last => CollectionsMarshal.AsSpan(_values)[((Rows - 1) * Width)..];

    /// <summary>Whether all elements of the row added last are missing.</summary>
    public bool LastIsMissing
    {
        get
        {
            foreach (var value in Last)
            {
                if (!float.IsNaN(value))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Adds the cursor's row.</summary>
    /// <returns>The first element that is infinite, or NaN if none may be missing; null if there is none.</returns>
    public int? Add()
    {
        Rows++;
        CollectionsMarshal.SetCount(_values, Rows * Width);
        var row = CollectionsMarshal.AsSpan(_values)[((Rows - 1) * Width)..];
        _read.CopyTo(row);
        for (var index = 0; index < row.Length; index++)
        {
            if (!float.IsFinite(row[index]) && !(mayMiss && float.IsNaN(row[index])))
            {
                return index;
            }
        }

        return null;
    }

    public float[] ToArray() => [.. _values];

    /// <summary>Elements of a Single or Vector&lt;Single&gt; of known size; null for any other type.</summary>
    public static int? WidthOf(DataViewType type) => type switch
    {
        VectorDataViewType { Size: > 0 } vector when vector.ItemType == NumberDataViewType.Single => vector.Size,
        _ when type == NumberDataViewType.Single => 1,
        _ => null,
    };
}
