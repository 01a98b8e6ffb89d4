using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Testing;

/// <summary>Random tasks for a learner, and random parameters, in double precision.</summary>
internal sealed class RandomTasks : IEpisodes, IDisposable
{
    private const double Spread = 0.2;

    private readonly ILearner _learner;
    private readonly LearnerContractOptions _options;

    public RandomTasks(ILearner learner, LearnerContractOptions options)
    {
        (_learner, _options) = (learner, options);
        Columns = learner.Outputs ?? options.Classes;
        using var scope = NewDisposeScope();
        var random = new Random(options.Seed);
        using var drawn = SlowParameters.Draw(learner.Slow, random);
        Theta = drawn.Map(value => value.to(ScalarType.Float64).Plus(Normal(random, value.shape), Spread));
        Batch = new EpisodeBatch(Rows(random, options.SupportRows), Rows(random, options.QueryRows));
    }

    /// <summary>Columns of the targets.</summary>
    public int Columns { get; }

    /// <summary>θ, whose biases, gains and strengths are all different numbers.</summary>
    public Parameters Theta { get; }

    public EpisodeBatch Batch { get; }

    public Phase Free => new(_options.Optimizer, _options.Steps);

    public ContrastiveSettings Rule(double strength) => new(strength, NudgingStencil.Symmetric, _options.Steps, NudgedOptimizer: null);

    /// <summary>φ near its start.</summary>
    public NamedValues<Tensor> Phi(InnerProblem problem)
    {
        var random = new Random(_options.Seed + 2);
        return problem.InitialFast().Select(value => value.Plus(Normal(random, value.shape), Spread));
    }

    public static Tensor Normal(Random random, long[] shape)
    {
        var values = new double[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.NextNormal();
        }

        return tensor(values, shape);
    }

    /// <summary>The same tasks with rows of weight 0 behind the others.</summary>
    public EpisodeBatch Padded()
    {
        return new EpisodeBatch(Pad(Batch.Support, 3), Pad(Batch.Query, 2));

        // Features of some size: what would matter if the weight did not hide it.
        static Rows<Tensor> Pad(Rows<Tensor> rows, int by)
        {
            var shape = rows.Features.shape;
            shape[1] = by;
            return new(
                cat([rows.Features, Scalars.Filled(shape, 3)], 1), cat([rows.Targets, Empty(rows.Targets)], 1),
                cat([rows.Weights, Empty(rows.Weights)], 1));

            Tensor Empty(Tensor like) => zeros([like.shape[0], by, like.shape[2]], ScalarType.Float64);
        }
    }

    public EpisodeRows Of(TaskRange tasks)
    {
        using var slice = Batch.Slice(tasks.First, tasks.Count);
        return new EpisodeRows(Copy(slice.Support), Copy(slice.Query), tasks.First);

        static Rows<HostTensor> Copy(Rows<Tensor> rows) => new(rows.Features.ToHost(), rows.Targets.ToHost(), rows.Weights.ToHost());
    }

    public void Dispose()
    {
        Theta.Dispose();
        Batch.Dispose();
    }

    private Rows<Tensor> Rows(Random random, int rows)
    {
        var isObserved = _learner.Loss == TaskLoss.ObservedSquaredError;
        return new(
            Normal(random, [_options.Tasks, rows, _learner.Network.Inputs]),
            _learner.Loss == TaskLoss.CrossEntropy ? Classes(rows) : Normal(random, [_options.Tasks, rows, Columns]),
            isObserved
                ? Observed(rows)
                : Scalars.Filled([_options.Tasks, rows, 1], 1.0 / rows));
    }

    /// <summary>In every task other targets are missing; those that are not have equal shares.</summary>
    private Tensor Observed(int rows)
    {
        var shares = new double[_options.Tasks * rows * Columns];
        for (var task = 0; task < _options.Tasks; task++)
        {
            int[] observed = [.. Enumerable.Range(0, rows * Columns).Where(i => (i + task) % 3 != 1)];
            Array.ForEach(observed, i => shares[(task * rows * Columns) + i] = 1.0 / observed.Length);
        }

        return tensor(shares, [_options.Tasks, rows, Columns]);
    }

    /// <summary>Every class in turn, beginning with another one in each task.</summary>
    private Tensor Classes(int rows)
    {
        var targets = new double[_options.Tasks * rows * Columns];
        for (var row = 0; row < _options.Tasks * rows; row++)
        {
            targets[(row * Columns) + (((row / rows) + (row % rows)) % Columns)] = 1;
        }

        return tensor(targets, [_options.Tasks, rows, Columns]);
    }
}
