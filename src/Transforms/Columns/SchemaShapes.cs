using Microsoft.ML;

namespace MLNetMeta.Transforms.Columns;

/// <summary>Looks columns up in promised schemas.</summary>
internal static class SchemaShapes
{
    /// <summary>The promised column of a name; null when there is none.</summary>
    public static SchemaShape.Column? Find(this SchemaShape schema, string name)
    {
        foreach (var column in schema)
        {
            if (column.Name == name)
            {
                return column;
            }
        }

        return null;
    }
}
