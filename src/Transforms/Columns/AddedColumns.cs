using Microsoft.ML;

namespace MLNetMeta.Transforms.Columns;

/// <summary>
/// The columns that a transformer adds. ML.NET puts a column that replaces another of its name right behind it, and the rest at the end.
/// </summary>
internal static class AddedColumns
{
    /// <summary>Visible columns of <paramref name="after"/> that are not those of <paramref name="before"/>, which stay in their order; of
    /// several columns of one name the older come first.</summary>
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
