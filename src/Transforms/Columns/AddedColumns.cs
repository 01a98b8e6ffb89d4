using Microsoft.ML;

namespace MLNetMeta.Transforms.Columns;

/// <summary>
/// The columns that a transformer adds. If a column replaces another one of the same name, ML.NET puts it directly after the replaced
/// column. All other columns are put at the end.
/// </summary>
internal static class AddedColumns
{
    /// <summary>Visible columns of <paramref name="after"/> that are not in <paramref name="before"/>. The columns of
    /// <paramref name="before"/> stay in their order. If several columns have the same name, the older ones come first.</summary>
    public static IReadOnlyList<DataViewSchema.Column> Of(DataViewSchema before, DataViewSchema after)
    {
        var added = new List<DataViewSchema.Column>();
        var kept = 0;
        foreach (var column in after)
        {
            if (kept < before.Count && column.Name == before[kept].Name)
            {
                kept++;
            }
            else if (!column.IsHidden)
            {
                added.Add(column);
            }
        }

        return added;
    }
}
