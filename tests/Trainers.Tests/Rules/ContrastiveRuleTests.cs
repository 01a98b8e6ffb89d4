using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Rules;

public sealed class ContrastiveRuleTests
{
    /// <summary>How far a measured order may be from the true one: terms of the next order at the largest β.</summary>
    private const double OrderTolerance = 0.1;

    /// <summary>
    /// What is left of a distance to the equilibrium after <see cref="_settled"/>, over β; far below every bias measured here.
    /// </summary>
    private const double Settled = 1e-9;

    /// <summary>Bias of the symmetric stencil at β = 1e-3, whose constant is of order 1 here, and of differences of step 1e-4.</summary>
    private const double ThreeWay = 1e-5;

    private static readonly Phase _settled = new(Optimizer.Sgd(0.1, 0.5), 400);

    public static TheoryData<NudgingStencil, double, bool> Orders => new()
    {
        { NudgingStencil.Forward, 1, false },
        { NudgingStencil.Forward, 1, true },
        { NudgingStencil.Symmetric, 2, false },
        { NudgingStencil.Symmetric, 2, true },
        { NudgingStencil.SecondOrder, 2, false },
        { NudgingStencil.SecondOrder, 2, true },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public void Estimate_OnRidge_ErrorFallsWithTheOrderOfTheStencil(NudgingStencil kind, double order, bool learnStrength)
    {
        using var ridge = new Ridge(learnStrength);
        using var exact = ridge.ExactGradient();
        double[] betas = [0.016, 0.008, 0.004, 0.002];
        var errors = Array.ConvertAll(betas, beta =>
        {
            using var estimate = new ContrastiveRule(Stencil.Of(kind), beta, _settled, _settled).Estimate(
                ridge.Learner, ridge.Theta, ridge.Tasks);
            return Tolerance.RelativeDistance(estimate.Gradient, exact);
        });
        Assert.All(
            errors.Zip(errors.Skip(1)),
            pair => Assert.InRange(Math.Log2(pair.First / pair.Second), order - OrderTolerance, order + OrderTolerance));
        Assert.InRange(errors[^1], 100 * Settled, 0.1);
    }

    [Theory]
    [InlineData(NudgingStencil.Forward, 1)]
    [InlineData(NudgingStencil.Symmetric, -1, 1)]
    [InlineData(NudgingStencil.SecondOrder, 1, 2)]
    public void Estimate_WithAStencil_RunsOnePhaseForEachNodeAndReportsTheLargestResidual(NudgingStencil kind, params int[] nodes)
    {
        const double beta = 0.3;
        Phase free = new(Optimizer.Sgd(0.05), 5), nudged = new(Optimizer.Sgd(0.05), 3);
        using var learner = new CancellingLearner(Zoo.Small(Zoo.Synapse, Zoo.OneOutput));
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.OneOutput);
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch);
        var freeEnd = Settle.Run(problem, problem.InitialFast(), 0, free);
        var residuals = nodes.Select(node => Settle.Run(problem, freeEnd.Phi, node * beta, nudged).Residual).ToArray();
        var before = learner.Losses;

        using var estimate = new ContrastiveRule(Stencil.Of(kind), beta, free, nudged).Estimate(learner, theta, batch);

        Assert.Equal(residuals.Max(), estimate.NudgedResidual, 1e-12);
        Assert.Equal(freeEnd.Residual, estimate.FreeResidual, 1e-12);
        // And one loss for each term of the slow gradient.
        Assert.Equal(free.Steps + (nodes.Length * nudged.Steps) + Stencil.Of(kind).Terms.Length, learner.Losses - before);
        Assert.Distinct(residuals);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(1)]
    public void Estimate_OnRidgeAtFiniteBeta_IsTheClosedFormOfTheNudgedEquilibrium(double beta)
    {
        // Paper, section 2 of the notes: φ*_β = (H + βB)⁻¹(c + βd), and the forward estimate is λ (φ*_0 − φ*_β) / β.
        using var ridge = new Ridge(learnStrength: false);
        using var expected = ridge.ForwardEstimate(beta);
        using var estimate = new ContrastiveRule(Stencil.Forward, beta, _settled, _settled).Estimate(
            ridge.Learner, ridge.Theta, ridge.Tasks);
        Tolerance.AssertClose(estimate.Gradient, expected, Settled);
        Assert.InRange(estimate.FreeResidual, 0, Settled);
        Assert.InRange(estimate.NudgedResidual, 0, Settled);
        Assert.Equal(ridge.ExactEvaluationLoss(), estimate.EvaluationLoss, 1e-9);
    }

    /// <summary>A nudged phase that does not move stays at φ̂₀, where the forward estimate is ∂θ L_out at fixed φ.</summary>
    [Theory]
    [InlineData("DualSystem, learned λ")]
    [InlineData("DualSystem, fixed λ")]
    public void Estimate_WithANudgedPhaseThatStandsStill_IsTheDirectGradientWhereTheFreePhaseEnded(string learnerName)
    {
        const string loss = "squared error of one output";
        const double beta = 0.5;
        var learner = Zoo.Create(learnerName, loss);
        using var scope = NewDisposeScope();
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        var free = new Phase(Optimizer.Sgd(0.05), 5);
        var problem = new InnerProblem(learner, theta.Values, batch);
        var end = Settle.Run(problem, problem.InitialFast(), 0, free).Phi;
        using var expected = new Parameters(theta.Values.With(problem.EvaluationSlowGradient(end)));

        using var estimate = new ContrastiveRule(
            Stencil.Forward, beta, free, new Phase(Optimizer.Sgd(1e-300), 1)).Estimate(learner, theta, batch);

        Assert.True(expected.Norm() > 0);
        Tolerance.AssertClose(estimate.Gradient, expected, Tolerance.Rounding64 / beta);
    }

    public static TheoryData<string, string> LearnersAndLosses
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (learner, loss) in Zoo.LearnersAndLosses)
            {
                data.Add(learner, loss);
            }

            return data;
        }
    }

    public static TheoryData<string, string> SmoothLearnersAndLosses
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (learner, loss) in Zoo.SmoothLearnersAndLosses)
            {
                data.Add(learner, loss);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(SmoothLearnersAndLosses))]
    public void Estimate_OfASmallNetwork_AgreesWithUnrollingAndWithFiniteDifferences(string learnerName, string loss)
    {
        const double rate = 0.12;
        const int steps = 100;
        using var scope = NewDisposeScope();
        var learner = Zoo.Create(learnerName, loss, Activation.Tanh, 4);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss, tasks: 2, support: 4, query: 3);
        var oracle = new TorchOracle(learner, Activation.Tanh, Zoo.PullsPerRow(learnerName));
        var phase = new Phase(Optimizer.Sgd(rate), steps);

        using var contrastive = new ContrastiveRule(Stencil.Symmetric, 1e-3, phase, phase).Estimate(learner, theta, batch);

        var slow = theta.Values.Select(t => t.clone().requires_grad_());
        var adapted = oracle.Descend(slow, batch, rate, steps, differentiable: true);
        var unrolled = autograd.grad([oracle.EvaluationLoss(adapted, slow, batch.Query)], slow.Values);

        var random = new Random(2);
        var direction = theta.Values.Select(t => NormalTensors.Draw(random, t.shape));
        var difference = (LossAt(1e-4) - LossAt(-1e-4)) / 2e-4;

        Assert.InRange(Tolerance.RelativeDistance(contrastive.Gradient.Values.Values, unrolled), 0, ThreeWay);
        var along = unrolled.Zip(direction.Values, (g, d) => (g * d).sum().ToNumber()).Sum();
        var length = Math.Sqrt(unrolled.Sum(g => g.Squared().sum().ToNumber()));
        Assert.InRange(difference, along - (ThreeWay * length), along + (ThreeWay * length));

        double LossAt(double by)
        {
            using var inner = NewDisposeScope();
            var shifted = theta.Values.With(theta.Values.Values.Zip(direction.Values, (t, d) => t.Plus(d, by)).ToArray());
            return oracle.EvaluationLoss(
                oracle.Descend(shifted, batch, rate, steps, differentiable: false), shifted, batch.Query).ToNumber();
        }
    }

    /// <summary>Linear regression with a pull to ω: everything in closed form, task by task, by <c>linalg.solve</c>.</summary>
    private sealed class Ridge : IDisposable
    {
        private readonly bool _learnStrength;

        public Ridge(bool learnStrength)
        {
            _learnStrength = learnStrength;
            Learner = new ComplexSynapse(
                Mlp.WithReadout(Zoo.Features, [], 1, Activation.Tanh), TaskLoss.SquaredError, TorchOracle.FixedStrength, learnStrength);
            Theta = Zoo.Theta(Learner);
            Tasks = Zoo.Tasks("squared error of one output");
        }

        public ComplexSynapse Learner { get; }

        public Parameters Theta { get; }

        public EpisodeBatch Tasks { get; }

        private Tensor Omega => cat([Theta["omega.head.weight"], Theta["omega.head.bias"]], 0);

        private Tensor Lambda => _learnStrength
            ? cat([Theta["log_lambda.head.weight"], Theta["log_lambda.head.bias"]], 0).exp()
            : full_like(Omega, TorchOracle.FixedStrength);

        /// <summary>∂ω = λ H⁻¹ ∇L_out, ∂log λ = −λ (φ* − ω) H⁻¹ ∇L_out at the free equilibrium.</summary>
        public Parameters ExactGradient()
        {
            using var scope = NewDisposeScope();
            var (omega, logLambda) = (zeros_like(Omega), zeros_like(Omega));
            for (var t = 0; t < Tasks.Tasks; t++)
            {
                var phi = Equilibrium(t, 0);
                var (b, d) = Quadratic(Tasks.Query, t);
                var (h, _) = Nudged(t, 0);
                var implicitStep = linalg.solve(h, b.matmul(phi).Minus(d));
                omega = omega.Plus(Lambda * implicitStep);
                logLambda = logLambda.Minus(Lambda * phi.Minus(Omega) * implicitStep);
            }

            return Split(omega, logLambda);
        }

        public Parameters ForwardEstimate(double beta)
        {
            using var scope = NewDisposeScope();
            var omega = zeros_like(Omega);
            for (var t = 0; t < Tasks.Tasks; t++)
            {
                omega = omega.Plus(Lambda * Equilibrium(t, 0).Minus(Equilibrium(t, beta)) / tensor(beta));
            }

            return Split(omega, omega);
        }

        public double ExactEvaluationLoss()
        {
            using var scope = NewDisposeScope();
            return Enumerable.Range(0, Tasks.Tasks).Sum(t =>
                WithBias(Tasks.Query, t).matmul(Equilibrium(t, 0)).Minus(Tasks.Query.Targets[t]).Squared().mul(
                    Tasks.Query.Weights[t]).sum().ToNumber());
        }

        public void Dispose()
        {
            Theta.Dispose();
            Tasks.Dispose();
        }

        /// <summary>φ*_β = (H + βB)⁻¹ (Aa + λω + βBb).</summary>
        private Tensor Equilibrium(int task, double beta)
        {
            var (h, right) = Nudged(task, beta);
            return linalg.solve(h, right);
        }

        private (Tensor H, Tensor Right) Nudged(int task, double beta)
        {
            var (a, c) = Quadratic(Tasks.Support, task);
            var (b, d) = Quadratic(Tasks.Query, task);
            return (a.Plus(diag(Lambda.squeeze(-1))).Plus(b.Times(beta)), c.Plus(Lambda * Omega).Plus(d.Times(beta)));
        }

        /// <summary>Σ w (xφ − y)² = ½ φᵀAφ − cᵀφ + const.</summary>
        private static (Tensor A, Tensor C) Quadratic(Rows<Tensor> rows, int task)
        {
            var x = WithBias(rows, task);
            var weighted = (rows.Weights[task] * x).Times(2).transpose(0, 1);
            return (weighted.matmul(x), weighted.matmul(rows.Targets[task]));
        }

        private static Tensor WithBias(Rows<Tensor> rows, int task) =>
            cat([rows.Features[task], ones([rows.Features.shape[1], 1], ScalarType.Float64)], 1);

        private Parameters Split(Tensor omega, Tensor logLambda)
        {
            const int weights = Zoo.Features;
            Tensor[] parts = [omega[..weights], omega[weights..]];
            return new Parameters(Theta.Values.With(_learnStrength ? [.. parts, logLambda[..weights], logLambda[weights..]] : parts));
        }
    }
}
