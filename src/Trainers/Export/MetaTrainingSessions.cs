using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Export;

/// <summary>Runs a <see cref="MetaTrainingProgram"/> in ONNX Runtime, on the thread that asks. Thread-safe.</summary>
/// <param name="program">The graphs.</param>
/// <param name="provider">What computes.</param>
internal sealed class MetaTrainingSessions(MetaTrainingProgram program, ExecutionProvider provider) : IDisposable
{
    private static readonly string[] _contributions =
        [MetaTrainingGraph.Gradient, MetaTrainingGraph.EvaluationLoss, MetaTrainingGraph.FreeSquares, MetaTrainingGraph.NudgedSquares];

    private static readonly string[] _evaluations =
        [MetaTrainingGraph.EvaluationLoss, MetaTrainingGraph.FreeSquares, MetaTrainingGraph.Predictions];

    private readonly GraphSession _contribution = new(program.Contribution, provider);
    private readonly GraphSession _evaluation = new(program.Evaluation, provider);

    /// <summary>What tasks add to a meta-step.</summary>
    /// <exception cref="DivergenceException">A phase diverged; the message names the task.</exception>
    public Contribution Contribute(float[] theta, EpisodeRows rows, CancellationToken cancellation)
    {
        var results = _contribution.Run(
            Inputs(theta, rows),
            [(MetaTrainingGraph.FreeSteps, program.FreeSteps), (MetaTrainingGraph.NudgedSteps, program.NudgedSteps)],
            _contributions, cancellation);
        var free = FreeResidual(results[2], rows.FirstTask);
        var tasks = results[2].Length;
        var nudged = results[3].Chunk(tasks).Max(
            squares => Residual(squares, rows.FirstTask, program.Strength, program.NudgedSteps, program.NudgedRate));
        return new Contribution(results[0], tasks, results[1][0], free, nudged);
    }

    /// <summary>What tasks come to after a free phase.</summary>
    /// <exception cref="DivergenceException">A phase diverged; the message names the task.</exception>
    public Validation Validate(float[] theta, EpisodeRows rows, CancellationToken cancellation)
    {
        var results = _evaluation.Run(
            Inputs(theta, rows), [(MetaTrainingGraph.FreeSteps, program.FreeSteps)], _evaluations, cancellation);
        FreeResidual(results[1], rows.FirstTask);
        return new Validation(results[0][0], TaskErrors.Of(program.Loss, results[2], rows.Query));
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

    private double FreeResidual(float[] squares, int firstTask) => Residual(squares, firstTask, 0, program.FreeSteps, program.FreeRate);

    /// <summary>The root of the sum over tasks.</summary>
    /// <exception cref="DivergenceException">It is not finite; the message names the first task.</exception>
    private static double Residual(float[] squares, int firstTask, double strength, int steps, double rate)
    {
        var sum = squares.Sum(square => (double)square);
        if (double.IsFinite(sum))
        {
            return Math.Sqrt(sum);
        }

        var task = firstTask + Array.FindIndex(squares, square => !float.IsFinite(square));
        throw new DivergenceException(TrainerThrow.PhaseDiverged(strength, steps, task, rate));
    }
}
