using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Samples;

/// <summary>The labelled rows of one task, read from ML.NET's columns.</summary>
/// <param name="Features">One array per row.</param>
/// <param name="Targets">One array per row: the label as a number, or its class as a one-hot vector.</param>
/// <param name="IsClassification">Whether <paramref name="Targets"/> are one-hot.</param>
internal sealed record SupportRows(float[][] Features, float[][] Targets, bool IsClassification)
{
    public int Outputs => Targets[0].Length;

    public static SupportRows Read(IDataView view)
    {
        var features = view.GetColumn<float[]>("Features").ToArray();
        if (view.Schema["Label"].Type is not KeyDataViewType key)
        {
            return new SupportRows(features, [.. view.GetColumn<float>("Label").Select(y => new[] { y })], false);
        }

        return new SupportRows(features, [.. view.GetColumn<uint>("Label").Select(OneHot)], true);

        float[] OneHot(uint label)
        {
            var row = new float[key.Count];
            row[label - 1] = 1;
            return row;
        }
    }
}

/// <summary>
/// An ML.NET trainer made from one function. The function learns from the support rows and returns a function that scores a row.
/// </summary>
internal sealed class SupportTrainer(MLContext ml, Func<SupportRows, Func<float[], float[]>> train) : IEstimator<ITransformer>
{
    private sealed class Input
    {
        public float[] Features { get; set; } = [];
    }

    private sealed class Output
    {
        public float[] Score { get; set; } = [];
    }

    public ITransformer Fit(IDataView input)
    {
        var support = SupportRows.Read(input);
        return Mapping(train(support), support.Outputs).Fit(input);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Mapping(row => row, 1).GetOutputSchema(inputSchema);

    private IEstimator<ITransformer> Mapping(Func<float[], float[]> score, int outputs)
    {
        var schema = SchemaDefinition.Create(typeof(Output));
        schema[nameof(Output.Score)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, outputs);
        return ml.Transforms.CustomMapping<Input, Output>((row, result) => result.Score = score(row.Features), null, null, schema);
    }
}
