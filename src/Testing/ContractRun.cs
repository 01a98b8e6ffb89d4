using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Testing;

/// <summary>The laws of one learner, on random tasks in double precision.</summary>
internal sealed class ContractRun : IDisposable
{
    // Central differences of step 1e-5: truncation 1e-10, rounding 1e-11, both relative to values around 1.
    private const double Step = 1e-5, Differences = 1e-6;

    private const double Rounding = 1e-9;

    // The readout of a temperature, and a single row.
    private const double Temperature = 0.4;

    private readonly ILearner _learner;
    private readonly LearnerContractOptions _options;
    private readonly RandomTasks _tasks;

    public ContractRun(ILearner learner, LearnerContractOptions options) =>
        (_learner, _options, _tasks) = (learner, options, new RandomTasks(learner, options));

    public IReadOnlyList<LearnerContractResult> Results()
    {
        var results = new List<LearnerContractResult>();
        if (!Add(LearnerLaw.Parameters, 0, Parameters))
        {
            return results; // Nothing else can be asked of it.
        }

        if (_learner is not IOwnDynamics)
        {
            Add(LearnerLaw.FastGradient, Differences, FastGradient);
        }

        Add(LearnerLaw.SlowGradient, Differences, SlowGradient);
        if (_learner is ISynapticLearner { IsLocal: true })
        {
            Add(LearnerLaw.LocalSlowGradient, Rounding, LocalSlowGradient);
        }

        Add(LearnerLaw.TaskIndependence, Rounding / _options.Strength, TaskIndependence);
        Add(LearnerLaw.Padding, Rounding / _options.Strength, Padding);
        if (!_learner.Network.IsTransductive)
        {
            Add(LearnerLaw.RowIndependence, Rounding, RowIndependence);
        }

        if (_learner.Loss == TaskLoss.CrossEntropy && _learner.Fast.Any(IsReadout))
        {
            Add(LearnerLaw.LinearReadout, Rounding, LinearReadout);
        }

        var parity = new OnnxParity(_learner, _options, _tasks);
        if (!_learner.Network.IsTransductive)
        {
            Add(LearnerLaw.LearnerFile, OnnxParity.OfFile, parity.LearnerFile);
        }

        Add(LearnerLaw.MetaTrainingGraph, parity.OfGraph, parity.MetaTrainingGraph);
        Add(LearnerLaw.Determinism, 0, parity.Determinism);
        Add(LearnerLaw.TensorLifetime, 0, TensorLifetime);
        return results;

        bool Add(LearnerLaw law, double allowed, Func<Deviation> check)
        {
            Deviation deviation;
            try
            {
                using var scope = NewDisposeScope();
                deviation = check();
            }
#pragma warning disable CA1031 // Whatever a learner throws is the answer to the question.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                deviation = new Deviation(double.NaN, $"{failure.GetType().Name}: {failure.Message}");
            }

            results.Add(new LearnerContractResult(law, deviation.Error, allowed, deviation.Detail));
            return results[^1].Holds;
        }
    }

    public void Dispose() => _tasks.Dispose();

    private static bool IsReadout(ParameterSpec parameter) => parameter.Name.StartsWith(Network.HeadPrefix, StringComparison.Ordinal);

    private Deviation Parameters()
    {
        ParameterCheck.Run("slow parameters", _learner.Slow);
        ParameterCheck.Run("fast parameters", _learner.Fast);
        var phi = Problem().InitialFast();
        var names = _learner.Fast.Select(fast => fast.Name).ToArray();
        if (!phi.Names.AsSpan().SequenceEqual(names))
        {
            return new Deviation(
                1, $"InitialFast gives {string.Join(", ", phi.Names)}, and Fast says {string.Join(", ", names)}");
        }

        foreach (var (fast, value) in _learner.Fast.Zip(phi.Values))
        {
            long[] shape = [_options.Tasks, .. fast.Shape];
            shape[^1] = fast.IsPerClass ? _tasks.Columns : shape[^1];
            // A learner that computes its start, such as one of prototypes, has as many rows as there are classes.
            if (!value.shape.AsSpan().SequenceEqual(shape))
            {
                return new Deviation(
                    1, $"InitialFast gives '{fast.Name}' the shape [{string.Join(", ", value.shape)}], "
                    + $"and [{string.Join(", ", shape)}] was expected: tasks, then the shape in Fast");
            }
        }

        return new Deviation(0, $"{names.Length} fast and {_learner.Slow.Length} slow parameters");
    }

    private InnerProblem Problem(NamedValues<Tensor>? theta = null) => new(_learner, theta ?? _tasks.Theta.Values, _tasks.Batch);

    private Deviation FastGradient()
    {
        var problem = Problem();
        var phi = _tasks.Phi(problem);
        return Deviation.Largest(
            Compare("∂φ L_in of", phi, problem.FastGradient(phi, 0), at => Loss(problem, at, 0)),
            Compare("∂φ L_out of", phi, problem.EvaluationFastGradient(phi), at => problem.EvaluationLoss(at)));
    }

    private Deviation SlowGradient()
    {
        var phi = _tasks.Phi(Problem());
        var theta = _tasks.Theta.Values;
        return Deviation.Largest(new[] { 0, _options.Strength }.Select(beta => Compare(
            FormattableString.Invariant($"∂θ (L_in + {beta} L_out) of"), theta,
            AugmentedLoss.GenericSlowGradient(
                TorchOps.Instance, _learner, [new PhaseEnd<Tensor>(phi, beta, 1)], theta, _tasks.Batch.Support, _tasks.Batch.Query),
            at => Loss(Problem(at), phi, beta))));
    }

    private Deviation LocalSlowGradient()
    {
        var phi = _tasks.Phi(Problem());
        var local = Problem().SlowGradient(new PhaseEnd<Tensor>(phi, 1, 1));
        var generic = AugmentedLoss.GenericSlowGradient(
            TorchOps.Instance, _learner, [new PhaseEnd<Tensor>(phi, 1, 1)], _tasks.Theta.Values, _tasks.Batch.Support,
            _tasks.Batch.Query);
        return Deviation.Largest(_learner.Slow.Zip(local, generic).Select(of => Deviation.Between(
            $"'{of.First.Name}': closed form against differentiation", of.Second, of.Third)));
    }

    private Deviation TaskIndependence()
    {
        using var together = Estimate(_tasks.Batch);
        var sum = _tasks.Theta.ZerosLike();
        for (var task = 0; task < _options.Tasks; task++)
        {
            using var one = _tasks.Batch.Slice(task, 1);
            using var alone = Estimate(one);
            using var previous = sum;
            sum = previous.Add(alone.Gradient);
        }

        using (sum)
        {
            return Compare("together against each task alone", together.Gradient, sum);
        }
    }

    private Deviation Padding()
    {
        using var padded = _tasks.Padded();
        using var expected = Estimate(_tasks.Batch);
        using var actual = Estimate(padded);
        return Compare("with three support and two query rows of weight 0", actual.Gradient, expected.Gradient);
    }

    private Deviation RowIndependence()
    {
        var problem = Problem();
        var phi = _tasks.Phi(problem);
        var features = _tasks.Batch.Query.Features;
        return Deviation.Between(
            "the first query row alone and among the others", problem.Predict(phi, features.narrow(1, 0, 1)),
            problem.Predict(phi, features).narrow(1, 0, 1));
    }

    private Deviation LinearReadout()
    {
        var problem = Problem();
        var phi = _tasks.Phi(problem);
        var scaled = phi.With(phi.Names.Zip(
            phi.Values, (name, value) => name.StartsWith(Network.HeadPrefix, StringComparison.Ordinal) ? value.Times(Temperature) : value)
            .ToArray());
        var features = _tasks.Batch.Query.Features;
        return Deviation.Between(
            $"predictions with head.* times {Temperature:G} against predictions times {Temperature:G}", problem.Predict(scaled, features),
            problem.Predict(phi, features).Times(Temperature));
    }

    private Deviation TensorLifetime()
    {
        // Tensors of the whole process are counted: others may come and go meanwhile, so one undisturbed try is enough.
        var left = long.MaxValue;
        for (var attempt = 0; attempt < 5 && left != 0; attempt++)
        {
            var before = Tensor.TotalCount;
            Estimate(_tasks.Batch).Dispose();
            left = Math.Min(left, Math.Abs(Tensor.TotalCount - before));
        }

        return new Deviation(left, $"{left} tensors are left after a meta-gradient");
    }

    private MetaGradient Estimate(EpisodeBatch batch) =>
        _tasks.Rule(_options.Strength).Create(_tasks.Free).Estimate(_learner, _tasks.Theta, batch);

    private static double Loss(InnerProblem problem, NamedValues<Tensor> phi, double beta)
    {
        using var scope = NewDisposeScope();
        return problem.Loss(phi, beta).ToNumber();
    }

    private static Deviation Compare(string what, Parameters actual, Parameters expected) => Deviation.Largest(
        actual.Names.Zip(actual.Values.Values, expected.Values.Values)
            .Select(of => Deviation.Between($"'{of.First}', {what}", of.Second, of.Third)));

    /// <summary>A gradient along a random direction of each parameter, against central differences.</summary>
    private Deviation Compare(string what, NamedValues<Tensor> at, Tensor[] gradient, Func<NamedValues<Tensor>, double> loss)
    {
        var random = new Random(_options.Seed + 1);
        return Deviation.Largest(Enumerable.Range(0, at.Count).Select(i =>
        {
            var direction = RandomTasks.Normal(random, at.Values[i].shape);
            var analytic = gradient[i].mul(direction).sum().ToNumber();
            var numeric = (loss(Moved(Step)) - loss(Moved(-Step))) / (2 * Step);
            return new Deviation(
                Math.Abs(analytic - numeric) / Math.Max(1, Math.Abs(numeric)),
                FormattableString.Invariant($"{what} '{at.Names[i]}': {analytic:G8} against {numeric:G8} by differences"));

            NamedValues<Tensor> Moved(double step)
            {
                Tensor[] values = [.. at.Values];
                values[i] = values[i].Plus(direction, step);
                return at.With(values);
            }
        }));
    }
}
