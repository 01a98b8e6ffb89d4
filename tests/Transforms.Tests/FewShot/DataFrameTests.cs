using Microsoft.Data.Analysis;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>A DataFrame is an IDataView: support and query rows come from one, predictions go into one.</summary>
public sealed class DataFrameTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Fit_DataFrames_InAndOut()
    {
        using var learner = new TinyLearner { Steps = 500 }.Load();
        var rows = Blobs.Classes(["a", "b"], 10);
        var pipeline = _ml.Transforms.Concatenate("Features", "X", "Y")
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(_ml.MetaLearning().FewShot(learner))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var model = pipeline.Fit(Frame(rows[..8]));

        DataFrame scored = _ml.Transforms.SelectColumns("X", "PredictedLabel", "Score")
            .Fit(model.Transform(Frame(rows))).Transform(model.Transform(Frame(rows))).ToDataFrame(-1);

        Assert.Equal(rows.Select(row => row.Label), scored["PredictedLabel"].Cast<string>());
        Assert.Equal(rows.Select(row => row.Features[0]), scored["X"].Cast<float>());
        Assert.All(scored["Score"].Cast<VBuffer<float>>(), score => Assert.Equal(1, score.DenseValues().Sum(), 1e-5f));
    }

    [Fact]
    public void Transform_LongDataFrame_ScoresEveryRow()
    {
        using var learner = new TinyLearner().Load();
        var rows = Blobs.Classes(["a", "b"], 2000);
        using var model = _ml.Transforms.Concatenate("Features", "X", "Y")
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(_ml.MetaLearning().FewShot(learner)).Fit(Frame(rows[..8]));

        Assert.Equal(
            model.Transform(Frame(rows)).GetColumn<float[]>("Score").Skip(3990),
            model.Transform(Frame(rows[3990..])).GetColumn<float[]>("Score"));
    }

    private static DataFrame Frame(Blobs.Row[] rows) => new(
        new SingleDataFrameColumn("X", rows.Select(row => row.Features[0])),
        new SingleDataFrameColumn("Y", rows.Select(row => row.Features[1])),
        new StringDataFrameColumn("Label", rows.Select(row => row.Label)));
}
