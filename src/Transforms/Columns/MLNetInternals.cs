using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Columns;

/// <summary>Every use of a member that ML.NET does not publish, in one place; a test fails when ML.NET changes one.</summary>
internal static class MLNetInternals
{
    /// <summary>A column of the schema that an estimator promises. ML.NET lets only its own assemblies construct one.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern SchemaShape.Column Column(
        string name, SchemaShape.Column.VectorKind vectorKind, DataViewType itemType, bool isKey, SchemaShape? annotations);
}
