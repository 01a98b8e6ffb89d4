using Microsoft.ML;
using Microsoft.ML.Data;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNetMeta.Transforms;

/// <summary>The columns of <see cref="ScoreLayout"/> as an estimator promises them before it has seen a row.</summary>
internal static class PromisedColumns
{
    /// <summary>The promised column of a name; null when there is none.</summary>
    public static SchemaShape.Column? Find(this SchemaShape schema, string name)
    {
        foreach (var column in schema)
        {
            if (column.Name == name)
                return column;
        }
        return null;
    }

    public static SchemaShape AddTo(SchemaShape input, Learner learner, string labelColumn)
    {
        var columns = new Dictionary<string, SchemaShape.Column>();
        foreach (var column in input)
            columns[column.Name] = column;
        foreach (var column in learner.Task == MetaTask.Regression ? Regression(learner) : Classification(input, labelColumn))
            columns[column.Name] = column;
        return new SchemaShape(columns.Values);
    }

    private static IEnumerable<SchemaShape.Column> Regression(Learner learner)
    {
        var kind = learner.OutputCount == 1 ? VectorKind.Scalar : VectorKind.Vector;
        yield return MLNetInternals.Column(ScoreLayout.Score, kind, NumberDataViewType.Single, isKey: false, ScoreAnnotations.Promise());
    }

    private static IEnumerable<SchemaShape.Column> Classification(SchemaShape input, string labelColumn)
    {
        SchemaShape.Column[] predicted = [], score = [];
        if (input.Find(labelColumn)?.Annotations.Find(LabelNames.KeyValues) is { } names)
        {
            predicted = [names];
            score = [Names("TrainingLabelValues")];
            if (names.ItemType is TextDataViewType)
                score = [Names("SlotNames"), .. score];
        }
        yield return MLNetInternals.Column(
            ScoreLayout.PredictedLabel, VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true, ScoreAnnotations.Promise(predicted));
        yield return MLNetInternals.Column(
            ScoreLayout.Score, VectorKind.Vector, NumberDataViewType.Single, isKey: false, ScoreAnnotations.Promise(score));

        SchemaShape.Column Names(string kind) =>
            MLNetInternals.Column(kind, VectorKind.Vector, names.ItemType, isKey: false, null);
    }
}
