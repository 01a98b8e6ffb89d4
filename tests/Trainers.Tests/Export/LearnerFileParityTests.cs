using System.Collections.Immutable;
using MLNetMeta.Transforms;
using TorchSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Export;

/// <summary>The learner file of every learner that reference rules train: ONNX Runtime adapts and scores as TorchSharp does.</summary>
public sealed class LearnerFileParityTests
{
    /// <summary>float32 against float64 over ten steps.</summary>
    private const double Parity = 1e-4;

    public static TheoryData<string> Learners => new(Zoo.Smooth);

    [Theory]
    [MemberData(nameof(Learners))]
    public void Write_Regression_AdaptsAlike(string name) =>
        AssertParity(Zoo.Small(name, Zoo.OneOutput), Zoo.OneOutput, 10);

    [Theory]
    [InlineData(Zoo.MetaSgd)]
    [InlineData(Zoo.Anil)]
    [InlineData(Zoo.DualRates)]
    public void Write_EpisodesOfClasses_AdaptsAlike(string name) =>
        AssertParity(Zoo.Small(name, Zoo.Episodes), Zoo.Episodes, 10);

    [Fact]
    public void Write_PrototypicalNetwork_AdaptsAlike() => AssertParity(
        new PrototypicalNetwork(Mlp.WithReadout(Zoo.Features, [3], 4, Activation.Tanh), 4), Zoo.SharedClasses, 0);

    private static void AssertParity(ILearner learner, string loss, int steps)
    {
        var free = new Phase(Optimizer.Sgd(0.05, 0.9, nesterov: true), steps);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss, tasks: 1, everyClass: true);
        var isClassification = learner.Loss == TaskLoss.CrossEntropy;
        var targets = isClassification ? null : new Standardization([0], [1]);
        var contents = new LearnerFileContents(free, new Standardization([0, 0, 0], [1, 1, 1]), targets, (ImmutableArray<string>?)null);
        using var learned = Learner.Load(LearnerFileWriter.Write(learner, theta.ToVector(), contents));

        using var scope = torch.NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch);
        var predictions = problem.Predict(Settle.Run(problem, problem.InitialFast(), 0, free).Phi, batch.Query.Features)[0];
        var expected = (isClassification ? predictions.softmax(-1) : predictions).contiguous().data<double>().ToArray();

        var support = new SupportSet(
            (int)batch.Support.Features.shape[1],
            Floats(batch.Support.Features),
            isClassification ? batch.Support.Targets[0].argmax(-1).data<long>().ToArray() : null,
            isClassification ? null : Floats(batch.Support.Targets));
        using var adapted = learned.Adapt(support);
        var queries = (int)batch.Query.Features.shape[1];
        using var scorer = new BatchScorer(learned, adapted, expected.Length / queries, queries);
        var features = Floats(batch.Query.Features);
        for (var i = 0; i < queries; i++)
        {
            features.AsSpan(i * Zoo.Features, Zoo.Features).CopyTo(scorer.Query(i));
        }

        scorer.Run(queries);
        var actual = Enumerable.Range(0, queries).SelectMany(i => scorer.Scores(i).ToArray()).ToArray();
        Assert.All(actual.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, Parity * (1 + Math.Abs(pair.Second))));
    }

    private static float[] Floats(torch.Tensor tensor) => tensor.to(torch.ScalarType.Float32).contiguous().data<float>().ToArray();
}
