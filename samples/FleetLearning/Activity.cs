using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Samples;

/// <summary>A few seconds of a phone's motion sensor: the user, the activity and the measurements.</summary>
internal sealed class Activity
{
    public string User { get; set; } = "";

    public string Class { get; set; } = "";

    public float[] Features { get; set; } = [];

    /// <summary>A view with the columns User, Class, Features and Label (the class as a key).</summary>
    /// <param name="ml">The context.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="classes">All classes, in the order of their keys.</param>
    public static IDataView View(MLContext ml, IReadOnlyList<Activity> rows, IReadOnlyList<string> classes)
    {
        var schema = SchemaDefinition.Create(typeof(Activity));
        schema[nameof(Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Features.Length);
        var view = ml.Data.LoadFromEnumerable(rows, schema);
        var keys = ml.Data.LoadFromEnumerable(classes.Select(name => new ClassName { Class = name }));
        return ml.Transforms.Conversion.MapValueToKey("Label", nameof(Class), keyData: keys).Fit(view).Transform(view);
    }

    private sealed class ClassName
    {
        public string Class { get; set; } = "";
    }
}
