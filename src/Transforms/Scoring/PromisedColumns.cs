using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Columns;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>The columns of <see cref="ScoreLayout"/> as an estimator promises them before it has seen a row.</summary>
internal static class PromisedColumns
{
    // A promise says nothing of the number of classes: any number shows what the columns are like.
    private const int SomeKeys = 2;

    public static SchemaShape AddTo(SchemaShape input, Learner learner, string labelColumn)
    {
        var columns = input.ToDictionary(column => column.Name);
        var layout = learner.Labels == LabelSemantics.Targets ? ScoreLayout.Regression(learner)
            : learner.Labels == LabelSemantics.Binary ? ScoreLayout.Binary
            : ScoreLayout.Classification(ClassSlots.ForEpisode([1, SomeKeys], SomeKeys, Names(input.Find(labelColumn))));
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(layout.Columns());
        foreach (var column in schema.ToSchema())
        {
            columns[column.Name] = PromisedColumn.Of(column);
        }

        return new SchemaShape(columns.Values);
    }

    private static ILabelNames? Names(SchemaShape.Column? label) =>
        label?.Annotations.Find(LabelNames.KeyValues)?.ItemType is PrimitiveDataViewType item ? LabelNames.Unknown(item, SomeKeys) : null;
}
