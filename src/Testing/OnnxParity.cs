using System.Collections.Immutable;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Scoring;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Testing;

/// <summary>What TorchSharp and ONNX Runtime make of the same learner.</summary>
internal sealed class OnnxParity(ILearner learner, LearnerContractOptions options, RandomTasks tasks)
{
    /// <summary>Single against double precision over some steps.</summary>
    public const double OfFile = 1e-4;

    /// <summary>Two orders of sums in single precision; a difference of phases is divided by β.</summary>
    public double OfGraph => 1e-4 / options.Strength;

    public Deviation LearnerFile()
    {
        var isClassification = learner.Loss == TaskLoss.CrossEntropy;
        using var one = tasks.Batch.Slice(0, 1);
        var problem = new InnerProblem(learner, tasks.Theta.Values, one);
        var predictions = problem.Predict(Settle.Run(problem, problem.InitialFast(), 0, tasks.Free).Phi, one.Query.Features)[0];
        var expected = (isClassification ? predictions.softmax(-1) : predictions).contiguous().data<double>().ToArray();

        var classes = isClassification && learner.Outputs is { } known
            ? [.. Enumerable.Range(1, known).Select(i => $"class {i}")]
            : (ImmutableArray<string>?)null;
        var contents = new LearnerFileContents(
            tasks.Free, Standardizer.Identity(learner.Network.Inputs), isClassification ? null : Standardizer.Identity(tasks.Columns),
            classes);
        using var loaded = Learner.Load(LearnerFileWriter.Write(learner, tasks.Theta.ToVector(), contents));
        using var adapted = loaded.Adapt(new SupportSet(
            options.SupportRows, one.Support.Features.ToHost().Values,
            isClassification ? one.Support.Targets[0].argmax(-1).data<long>().ToArray() : null,
            isClassification ? null : Targets(one.Support)));
        using var scorer = new BatchScorer(loaded, adapted, tasks.Columns, options.QueryRows);
        var features = one.Query.Features.ToHost().Values;
        for (var row = 0; row < options.QueryRows; row++)
        {
            features.AsSpan(row * learner.Network.Inputs, learner.Network.Inputs).CopyTo(scorer.Query(row));
        }

        scorer.Run(options.QueryRows);
        double[] actual =
        [
            .. Enumerable.Range(0, options.QueryRows).SelectMany(row => scorer.Scores(row).ToArray()).Select(s => (double)s),
        ];
        return Deviation.OfNumbers("scores of an adapted task in ONNX Runtime and in TorchSharp", actual, expected);
    }

    /// <summary>NaN where a target is missing, as rows of data have it.</summary>
    private float[] Targets(Rows<Tensor> rows)
    {
        var (targets, shares) = (rows.Targets.ToHost().Values, rows.Weights.ToHost().Values);
        return learner.Loss != TaskLoss.ObservedSquaredError
            ? targets
            : [.. targets.Zip(shares, (target, share) => share == 0 ? float.NaN : target)];
    }

    public Deviation MetaTrainingGraph()
    {
        var theta = tasks.Theta.ToVector();
        using var onnx = new OnnxEngine(learner, tasks.Rule(options.Strength), tasks.Free, tasks, ExecutionProvider.Cpu);
        var (actual, expected) = (onnx.Contribute(theta, All), Torch(workers: 1, theta));
        return Deviation.Largest(BySlowParameter(actual, expected).Append(Deviation.OfNumbers(
            "evaluation loss in ONNX Runtime and in TorchSharp", [actual.EvaluationLoss], [expected.EvaluationLoss])));
    }

    public Deviation Determinism()
    {
        var theta = tasks.Theta.ToVector();
        var first = Torch(workers: 1, theta);
        return Deviation.Largest(Enumerable.Range(1, 3).SelectMany(workers => BySlowParameter(Torch(workers, theta), first)));
    }

    private TaskRange All => TaskRange.Training(0, options.Tasks);

    private Contribution Torch(int workers, float[] theta)
    {
        using var single = tasks.Batch.To(ScalarType.Float32);
        var engine = new TorchEngine(
            learner, tasks.Rule(options.Strength).Create(tasks.Free), tasks.Free, new FixedEpisodes(single));
        using var contributor = new ShardedContributor(engine, tasksPerShard: 1, workers);
        return contributor.Contribute(theta, All);
    }

    private IEnumerable<Deviation> BySlowParameter(Contribution actual, Contribution expected)
    {
        var first = 0;
        foreach (var slow in learner.Slow)
        {
            var range = first..(first + (int)slow.Size);
            yield return Deviation.OfNumbers(
                $"meta-gradient of '{slow.Name}'", [.. actual.Gradient[range].Select(g => (double)g)],
                [.. expected.Gradient[range].Select(g => (double)g)]);
            first = range.End.Value;
        }
    }
}
