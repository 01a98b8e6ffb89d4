using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Columns;

/// <summary>All uses of ML.NET members that are not public, in one place. A test fails if ML.NET changes one of them.</summary>
internal static class MLNetInternals
{
    /// <summary>A column of the schema that an estimator promises. ML.NET lets only its own assemblies construct one.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern SchemaShape.Column Column(
        string name, SchemaShape.Column.VectorKind vectorKind, DataViewType itemType, bool isKey, SchemaShape? annotations);
}
