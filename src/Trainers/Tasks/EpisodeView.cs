using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>Rows of an episode as a data view with the columns Label and Features, for trainers that know nothing of episodes.</summary>
internal static class EpisodeView
{
    private sealed class ClassRow
    {
        public uint Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    private sealed class AnswerRow
    {
        public bool Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    private sealed class TargetRow
    {
        public float Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    private sealed class TargetsRow
    {
        public float[] Label { get; set; } = [];

        public float[] Features { get; set; } = [];
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
            return context.Data.LoadFromEnumerable(
                rows.Select((r, i) => new AnswerRow { Label = classes[i] == 1, Features = data.FeaturesOf(r).ToArray() }).ToArray(),
                Schema<AnswerRow>(data));
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
            return context.Data.LoadFromEnumerable(
                rows.Select((r, i) => new ClassRow { Label = (uint)classes[i], Features = data.FeaturesOf(r).ToArray() }).ToArray(),
                schema);
        }

        if (data.OutputCount == 1)
        {
            return context.Data.LoadFromEnumerable(
                rows.Select(r => new TargetRow { Label = data.TargetsOf(r)[0], Features = data.FeaturesOf(r).ToArray() }).ToArray(),
                Schema<TargetRow>(data));
        }

        var vector = Schema<TargetsRow>(data);
        vector[nameof(TargetsRow.Label)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, data.OutputCount);
        return context.Data.LoadFromEnumerable(
            rows.Select(r => new TargetsRow { Label = data.TargetsOf(r).ToArray(), Features = data.FeaturesOf(r).ToArray() }).ToArray(),
            vector);
    }

    private static SchemaDefinition Schema<T>(TaskData data)
    {
        var schema = SchemaDefinition.Create(typeof(T));
        schema[nameof(ClassRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, data.FeatureCount);
        return schema;
    }
}
