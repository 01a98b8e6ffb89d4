using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Testing;

/// <summary>The laws of one learner, on random tasks in double precision.</summary>
internal sealed class ContractRun : IDisposable
{
    // Central differences along unit directions in double precision: truncation step², rounding 1e-16 / step, of losses around 1.
    private const double Step = 1e-5, Differences = 1e-6, Floor = 1e-9;

    // A kink, as of ReLU, between the two ends of a difference says nothing: another direction and a shorter step.
    private const int Attempts = 3;

    private const double Rounding = 1e-9;

    private const double Temperature = 0.4;

    private readonly ILearner _learner;
    private readonly LearnerContractOptions _options;
    private RandomTasks? _drawn;

    public ContractRun(ILearner learner, LearnerContractOptions options) => (_learner, _options) = (learner, options);

    // Drawn once the learner is known to have parameters that can be.
    private RandomTasks Tasks => _drawn ??= new RandomTasks(_learner, _options);

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
        Add(LearnerLaw.InTask, Rounding, InTask);
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

        var parity = new OnnxParity(_learner, _options, Tasks);
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

    public void Dispose() => _drawn?.Dispose();

    private static bool IsReadout(ParameterSpec parameter) => parameter.Name.StartsWith(Network.HeadPrefix, StringComparison.Ordinal);

    private Deviation Parameters()
    {
        ParameterCheck.Run($"slow parameters of the learner '{_learner.Kind}'", _learner.Slow);
        ParameterCheck.Run($"fast parameters of the learner '{_learner.Kind}'", _learner.Fast);
        var problem = Problem();
        var phi = problem.InitialFast();
        var names = _learner.Fast.Select(fast => fast.Name).ToArray();
        if (!phi.Names.AsSpan().SequenceEqual(names))
        {
            return new Deviation(
                1, $"InitialFast returns {string.Join(", ", phi.Names)}, but Fast lists {string.Join(", ", names)}");
        }

        foreach (var (fast, value) in _learner.Fast.Zip(phi.Values))
        {
            long[] shape = [_options.Tasks, .. fast.Shape];
            shape[^1] = fast.IsPerClass ? Tasks.Columns : shape[^1];
            if (!value.shape.AsSpan().SequenceEqual(shape))
            {
                return new Deviation(
                    1, $"InitialFast returns '{fast.Name}' with the shape [{string.Join(", ", value.shape)}], "
                    + $"expected [{string.Join(", ", shape)}]: tasks, then the shape in Fast");
            }
        }

        foreach (var gradient in new[] { problem.FastGradient(phi, 0), problem.EvaluationFastGradient(phi) })
        {
            if (!gradient.Select(g => g.shape).SequenceEqual(phi.Values.Select(value => value.shape), ShapeComparer.Instance))
            {
                return new Deviation(
                    1, $"gradients have the shapes {Shapes(gradient)}, but the fast parameters {Shapes(phi.Values)}");
            }
        }

        return new Deviation(0, $"{names.Length} fast and {_learner.Slow.Length} slow parameters");
    }

    private InnerProblem Problem(NamedValues<Tensor>? theta = null) => new(_learner, theta ?? Tasks.Theta.Values, Tasks.Batch);

    private Deviation FastGradient()
    {
        var problem = Problem();
        var phi = Tasks.Phi(problem);
        return Deviation.Largest(
            Compare("∂φ L_in of", phi, problem.FastGradient(phi, 0), at => Loss(problem, at, 0)),
            Compare("∂φ L_out of", phi, problem.EvaluationFastGradient(phi), at => problem.EvaluationLoss(at)));
    }

    private Deviation SlowGradient()
    {
        var phi = Tasks.Phi(Problem());
        var theta = Tasks.Theta.Values;
        return Deviation.Largest(new[] { 0, _options.Strength }.Select(beta => Compare(
            FormattableString.Invariant($"∂θ (L_in + {beta} L_out) of"), theta,
            Pass().Gradient([new PhaseEnd<Tensor>(phi, beta, 1)]),
            at => Loss(Problem(at), phi, beta))));
    }

    private SlowPass<Tensor> Pass() => new(TorchOps.Instance, _learner, Tasks.Theta.Values, Tasks.Batch.Support, Tasks.Batch.Query);

    private Deviation LocalSlowGradient()
    {
        var phi = Tasks.Phi(Problem());
        var local = Problem().SlowGradient(new PhaseEnd<Tensor>(phi, 1, 1));
        var generic = Pass().Gradient([new PhaseEnd<Tensor>(phi, 1, 1)]);
        return local.Length != generic.Length
            ? new Deviation(double.NaN, $"LocalSlowGradient returns {local.Length} gradients for {generic.Length} slow parameters")
            : Deviation.Largest(_learner.Slow.Zip(local, generic).Select(of => Deviation.Between(
            $"'{of.First.Name}': closed form against differentiation", of.Second, of.Third)));
    }

    private Deviation TaskIndependence()
    {
        using var together = Estimate(Tasks.Batch);
        var sum = Tasks.Theta.ZerosLike();
        for (var task = 0; task < _options.Tasks; task++)
        {
            using var one = Tasks.Batch.Slice(task, 1);
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
        using var padded = Tasks.Padded();
        using var expected = Estimate(Tasks.Batch);
        using var actual = Estimate(padded);
        return Compare("with three support and two query rows of weight 0", actual.Gradient, expected.Gradient);
    }

    private Deviation RowIndependence()
    {
        var problem = Problem();
        var phi = Tasks.Phi(problem);
        var features = Tasks.Batch.Query.Features;
        var together = problem.Predict(phi, features);
        return Deviation.Largest(Enumerable.Range(0, _options.QueryRows).Select(row => Deviation.Between(
            $"query row {row} alone and among the others", problem.Predict(phi, features.narrow(1, row, 1)), together.narrow(1, row, 1))));
    }

    private Deviation LinearReadout()
    {
        var problem = Problem();
        var phi = Tasks.Phi(problem);
        var scaled = phi.With(phi.Names.Zip(
            phi.Values, (name, value) => name.StartsWith(Network.HeadPrefix, StringComparison.Ordinal) ? value.Times(Temperature) : value)
            .ToArray());
        var features = Tasks.Batch.Query.Features;
        return Deviation.Between(
            $"predictions with head.* times {Temperature:G} against predictions times {Temperature:G}", problem.Predict(scaled, features),
            problem.Predict(phi, features).Times(Temperature));
    }

    private Deviation InTask()
    {
        var phi = Tasks.Phi(Problem());
        var ops = TorchOps.Instance;
        var consolidated = _learner.Consolidated(ops, Tasks.Theta.Values);
        var features = Tasks.Batch.Query.Features;
        return Deviation.Between(
            "predictions with the result of InTask and with that of Consolidated", Problem().Predict(phi, features),
            _learner.Predict(ops, phi, consolidated, _learner.Encode(ops, consolidated, features)));
    }

    private Deviation TensorLifetime()
    {
        // Of this thread: other tests may run meanwhile.
        var before = Live();
        Estimate(Tasks.Batch).Dispose();
        var left = Live() - before;
        return new Deviation(Math.Abs(left), $"{left} tensors are left after a meta-gradient");

        static long Live() => TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
    }

    private static string Shapes(IEnumerable<Tensor> tensors) =>
        string.Join(", ", tensors.Select(tensor => $"[{string.Join(", ", tensor.shape)}]"));

    private MetaGradient Estimate(EpisodeBatch batch) =>
        Tasks.Rule(_options.Strength).Create(Tasks.Free).Estimate(_learner, Tasks.Theta, batch);

    private static double Loss(InnerProblem problem, NamedValues<Tensor> phi, double beta)
    {
        using var scope = NewDisposeScope();
        return problem.Loss(phi, beta).ToNumber();
    }

    private static Deviation Compare(string what, Parameters actual, Parameters expected) => Deviation.Largest(
        actual.Names.Zip(actual.Values.Values, expected.Values.Values)
            .Select(of => Deviation.Between($"'{of.First}', {what}", of.Second, of.Third)));

    /// <summary>A gradient along a random direction of each parameter, against central differences; the best of some attempts.</summary>
    private Deviation Compare(string what, NamedValues<Tensor> at, Tensor[] gradient, Func<NamedValues<Tensor>, double> loss)
    {
        var random = new Random(_options.Seed + 1);
        return Deviation.Largest(Enumerable.Range(0, at.Count).Select(i =>
        {
            if (!gradient[i].shape.AsSpan().SequenceEqual(at.Values[i].shape))
            {
                return new Deviation(
                    double.NaN, $"{what} '{at.Names[i]}' has the shape {Shapes([gradient[i]])}, not that of the parameter");
            }

            return Enumerable.Range(0, Attempts).Select(attempt => OfStep(i, Step * Math.Pow(10, -attempt))).MinBy(of => of.Error);
        }));

        Deviation OfStep(int i, double step)
        {
            var normal = RandomTasks.Normal(random, at.Values[i].shape);
            var direction = normal.Times(1 / Math.Max(1e-12, Math.Sqrt(normal.Squared().sum().ToNumber())));
            var analytic = gradient[i].mul(direction).sum().ToNumber();
            var (above, below) = (loss(Moved(step)), loss(Moved(-step)));
            var numeric = (above - below) / (2 * step);
            // What rounding of the losses can make of the difference.
            var floor = Floor * (Step / step) * Math.Max(1, Math.Abs(above));
            return new Deviation(
                Math.Max(0, Math.Abs(analytic - numeric) - floor) / Math.Max(Math.Abs(numeric), floor),
                FormattableString.Invariant($"{what} '{at.Names[i]}': {analytic:G8} against {numeric:G8} by differences"));

            NamedValues<Tensor> Moved(double by) => at.With(at.Names[i], at.Values[i].Plus(direction, by));
        }
    }

    private sealed class ShapeComparer : IEqualityComparer<long[]>
    {
        public static ShapeComparer Instance { get; } = new();

        public bool Equals(long[]? x, long[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(long[] obj) => obj.Length;
    }
}
