using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Standardisation outside of the forward graph.</summary>
public sealed class QueryStandardizerTests
{
    private const int Features = 11;

    private static ModelProto Forward => LearnerGraph.Forward(new TinyLearner { Features = Features }.Model(), Metadata);

    private static LearnerMetadata Metadata => new TinyLearner { Features = Features }.Metadata;

    [Fact]
    public void TakeOut_StandardisationAtTheEntrance_LeavesTheRest()
    {
        var (rest, standardizer) = QueryStandardizer.TakeOut(Forward, Metadata);

        Assert.NotNull(standardizer);
        Assert.Equal(["MatMul", "Add", "Softmax"], rest.Graph.Node.Select(node => node.OpType));
        Assert.Equal("query_features", rest.Graph.Node[0].Input[0]);
    }

    [Fact]
    public void Apply_Rows_RoundsAsTheGraph()
    {
        var learner = new TinyLearner { Features = Features };
        var standardizer = QueryStandardizer.TakeOut(Forward, Metadata).Standardizer!;
        var random = new Random(1);
        float[] rows = [.. Enumerable.Range(0, 3 * Features).Select(_ => 10 * random.NextSingle() - 5)];
        var expected = rows.Select(
            (x, i) => (x - learner.FeatureMeans.ElementAt(i % Features)) / learner.FeatureScales.ElementAt(i % Features)).ToArray();

        var result = new float[rows.Length];
        standardizer.Apply(rows, result);

        Assert.Equal(expected, result);
    }

    [Fact]
    public void TakeOut_NothingDeclared_LeavesTheGraphAlone()
    {
        var model = Forward;

        var (rest, standardizer) = QueryStandardizer.TakeOut(model, Metadata with { Standardization = null });

        Assert.Null(standardizer);
        Assert.Same(model, rest);
    }

    [Fact]
    public void Scores_DeclaredOrNot_AreTheSame()
    {
        var tiny = new TinyLearner();
        using var declared = tiny.Load();
        var model = tiny.Model();
        model.MetadataProps.Remove(model.MetadataProps.Single(property => property.Key == "mlnetmeta.standardization"));
        using var silent = Learner.Load(LearnerFile.Write(model));

        Assert.NotNull(declared.Standardizer);
        Assert.Null(silent.Standardizer);
        Assert.Equal(Score(declared), Score(silent));

        static float[] Score(Learner learner)
        {
            using var adapted = learner.Adapt(new(2, [1, 2, -1, 4], [0, 1], null));
            using var scorer = new BatchScorer(learner, adapted, rawWidth: 2, capacity: 1);
            new[] { 0.3f, 2.5f }.CopyTo(scorer.Query(0));
            scorer.Run(1);
            return scorer.Scores(0).ToArray();
        }
    }
}
