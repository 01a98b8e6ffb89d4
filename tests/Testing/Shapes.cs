using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace MLNetMeta.Testing;

/// <summary>The promise that rows of a schema keep: what ML.NET asks an estimator's GetOutputSchema with.</summary>
internal static class Shapes
{
    public static SchemaShape Of(DataViewSchema schema) => Create(null, schema);

    // Not public in ML.NET, whose pipelines call it before the first Fit.
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod)]
    private static extern SchemaShape Create(SchemaShape? owner, DataViewSchema schema);
}
