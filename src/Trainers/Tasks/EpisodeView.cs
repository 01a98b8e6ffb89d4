using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>
/// Rows of an episode as a data view with the columns Label, Features and Weight, for trainers that know nothing of episodes.
/// </summary>
internal static class EpisodeView
{
    private abstract class Row
    {
        public float[] Features { get; set; } = [];

        public float Weight { get; set; }
    }

    private sealed class ClassRow : Row
    {
        public uint Label { get; set; }
    }

    private sealed class AnswerRow : Row
    {
        public bool Label { get; set; }
    }

    private sealed class TargetRow : Row
    {
        public float Label { get; set; }
    }

    private sealed class TargetsRow : Row
    {
        public float[] Label { get; set; } = [];
    }

    /// <param name="context">Creates the view.</param>
    /// <param name="data">The rows.</param>
    /// <param name="rows">Which of them.</param>
    /// <param name="classes">Classification: the class of each within the episode.</param>
    /// <param name="classNames">Classification: the name of each class of the episode.</param>
    public static IDataView Create(MLContext context, TaskData data, int[] rows, int[] classes, IReadOnlyList<string> classNames)
    {
        if (data.IsBinary)
        {
            return View(Schema<AnswerRow>(data), i => new AnswerRow { Label = classes[i] == 1 });
        }

        if (data.IsClassification)
        {
            var schema = Schema<ClassRow>(data);
            schema[nameof(ClassRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), classNames.Count);
            var names = classNames.Select(name => name.AsMemory()).ToArray();
            schema[nameof(ClassRow.Label)].AddAnnotation(
                "KeyValues", new VBuffer<ReadOnlyMemory<char>>(names.Length, names),
                new VectorDataViewType(TextDataViewType.Instance, names.Length));
            // LoadFromEnumerable takes the keys of a class from 0 and adds the 1 itself.
            return View(schema, i => new ClassRow { Label = (uint)classes[i] });
        }

        if (data.OutputCount == 1)
        {
            return View(Schema<TargetRow>(data), i => new TargetRow { Label = data.TargetsOf(rows[i])[0] });
        }

        var vector = Schema<TargetsRow>(data);
        vector[nameof(TargetsRow.Label)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, data.OutputCount);
        return View(vector, i => new TargetsRow { Label = data.TargetsOf(rows[i]).ToArray() });

        IDataView View<T>(SchemaDefinition schema, Func<int, T> labelled)
            where T : Row => context.Data.LoadFromEnumerable(
            rows.Select((row, i) =>
            {
                var of = labelled(i);
                (of.Features, of.Weight) = (data.FeaturesOf(row).ToArray(), data.WeightOf(row));
                return of;
            }).ToArray(),
            schema);
    }

    private static SchemaDefinition Schema<T>(TaskData data)
    {
        var schema = SchemaDefinition.Create(typeof(T));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, data.FeatureCount);
        return schema;
    }
}
