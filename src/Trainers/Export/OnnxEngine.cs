using System.Collections.Concurrent;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Export;

/// <summary>Computes contributions of the contrastive rule in ONNX Runtime, on the thread that asks: no libtorch in the process.</summary>
internal sealed class OnnxEngine : IContributor
{
    private static readonly string[] _contributions =
        [MetaTrainingGraph.Gradient, MetaTrainingGraph.EvaluationLoss, MetaTrainingGraph.FreeSquares, MetaTrainingGraph.NudgedSquares];

    private static readonly string[] _evaluations =
        [MetaTrainingGraph.EvaluationLoss, MetaTrainingGraph.FreeSquares, MetaTrainingGraph.Predictions];

    private readonly ContrastiveSettings _rule;
    private readonly Phase _free;
    private readonly IEpisodes _episodes;
    private readonly TaskLoss _loss;
    private readonly GraphSession _contribution;
    private readonly GraphSession _evaluation;

    // The same tasks are validated on again and again.
    private readonly ConcurrentDictionary<TaskRange, EpisodeRows> _validation = [];

    /// <param name="learner">The learner.</param>
    /// <param name="rule">The rule, with a strength.</param>
    /// <param name="free">How tasks are learned.</param>
    /// <param name="episodes">The tasks.</param>
    /// <param name="provider">What computes.</param>
    public OnnxEngine(ILearner learner, ContrastiveSettings rule, Phase free, IEpisodes episodes, ExecutionProvider provider)
    {
        (_rule, _free, _episodes, _loss) = (rule, free, episodes, learner.Loss);
        _contribution = new GraphSession(MetaTrainingGraphWriter.Write(learner, rule, free), provider);
        _evaluation = new GraphSession(MetaTrainingGraphWriter.WriteEvaluation(learner, free), provider);
    }

    public Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        var results = _contribution.Run(
            Inputs(theta, _episodes.Of(tasks)),
            [(MetaTrainingGraph.FreeSteps, _free.Steps), (MetaTrainingGraph.NudgedSteps, _rule.NudgedSteps)],
            _contributions, cancellation);
        var free = Residual(results[2], tasks, 0, _free);
        var nudged = results[3].Chunk(tasks.Count).Max(
            squares => Residual(squares, tasks, _rule.Strength!.Value, _rule.NudgedPhase(_free)));
        return new Contribution(results[0], tasks.Count, results[1][0], free, nudged);
    }

    public Validation Validate(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        var rows = _validation.GetOrAdd(tasks, _episodes.Of);
        var results = _evaluation.Run(
            Inputs(theta, rows), [(MetaTrainingGraph.FreeSteps, _free.Steps)], _evaluations, cancellation);
        Residual(results[1], tasks, 0, _free);
        return new Validation(results[0][0], TaskErrors.Of(_loss, results[2], rows.Query));
    }

    public void Dispose()
    {
        _contribution.Dispose();
        _evaluation.Dispose();
    }

    private static (string Name, float[] Values, long[] Shape)[] Inputs(float[] theta, EpisodeRows rows)
    {
        return
        [
            (MetaTrainingGraph.Theta, theta, [theta.Length]),
            Input(MetaTrainingGraph.SupportFeatures, rows.Support.Features), Input(MetaTrainingGraph.SupportTargets, rows.Support.Targets),
            Input(MetaTrainingGraph.SupportWeights, rows.Support.Weights), Input(MetaTrainingGraph.QueryFeatures, rows.Query.Features),
            Input(MetaTrainingGraph.QueryTargets, rows.Query.Targets), Input(MetaTrainingGraph.QueryWeights, rows.Query.Weights),
        ];

        static (string Name, float[] Values, long[] Shape) Input(string name, HostTensor tensor) => (name, tensor.Values, tensor.Shape);
    }

    /// <summary>The root of the sum over tasks.</summary>
    /// <exception cref="DivergenceException">It is not finite; the message names the first task.</exception>
    private static double Residual(float[] squares, TaskRange tasks, double strength, Phase phase)
    {
        var sum = squares.Sum(square => (double)square);
        if (double.IsFinite(sum))
        {
            return Math.Sqrt(sum);
        }

        var task = tasks.First + Array.FindIndex(squares, square => !float.IsFinite(square));
        throw new DivergenceException(TrainerThrow.PhaseDiverged(strength, phase.Steps, task, phase.Optimizer.LearningRate));
    }
}
