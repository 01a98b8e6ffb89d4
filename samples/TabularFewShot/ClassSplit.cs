using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Samples;

/// <summary>Splits the classes of a table at random into classes for meta-training and classes for testing.</summary>
internal sealed record ClassSplit(CsvTable Table, IReadOnlyList<string> TrainClasses, IReadOnlyList<string> TestClasses)
{
    /// <exception cref="SampleException">There are too few classes for the tasks asked for, or classes with too few rows.</exception>
    public static ClassSplit Of(CsvTable table, TabularOptions options)
    {
        string[] classes = [.. table.Rows.Select(r => r.Class).Distinct().Order(StringComparer.Ordinal)];
        var train = options.TrainClasses ?? classes.Length * 3 / 5;
        if (train < options.Ways || classes.Length - train < options.Ways)
        {
            throw new SampleException(
                $"Column '{options.Label}' has {classes.Length} classes. {options.Ways}-way tasks need at least {options.Ways} to "
                + $"train on and {options.Ways} to test on; "
                + $"{train} to train on leave {classes.Length - train}. Lower --ways, or choose --train-classes between {options.Ways} "
                + $"and {classes.Length - options.Ways}.");
        }

        var rows = table.Rows.CountBy(r => r.Class).MinBy(c => c.Value);
        if (rows.Value <= options.Shots.Max())
        {
            throw new SampleException(
                $"Class '{Excerpt.Of(rows.Key)}' has {rows.Value} rows; {options.Shots.Max()} to learn from and at least one to test "
                + $"need {options.Shots.Max() + 1}. Lower --shots, or remove the class.");
        }

        new Random(options.Seed).Shuffle(classes);
        return new ClassSplit(
            table, [.. classes[..train].Order(StringComparer.Ordinal)], [.. classes[train..].Order(StringComparer.Ordinal)]);
    }

    /// <summary>The rows of some classes, as columns Label and Features.</summary>
    public IDataView View(MLContext ml, IReadOnlyList<string> classes)
    {
        var schema = SchemaDefinition.Create(typeof(Example));
        schema[nameof(Example.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Table.FeatureNames.Count);
        var chosen = classes.ToHashSet();
        var rows = ml.Data.LoadFromEnumerable(Table.Rows.Where(r => chosen.Contains(r.Class)).ToArray(), schema);
        return ml.Transforms.Conversion.MapValueToKey("Label", "Class").Fit(rows).Transform(rows);
    }
}
