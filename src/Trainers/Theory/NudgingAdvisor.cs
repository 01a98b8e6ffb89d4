using System.Collections.Immutable;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Theory;

/// <summary>Chooses β, and step counts where asked to, by measuring the error of the meta-gradient on a pilot batch of tasks.</summary>
/// <remarks>
/// <para>The theorem says that the error falls and then rises with β, and that the best β depends on how far the phases end from
/// equilibrium: neither is known for a user's tasks, but both can be measured. Reference: symmetric, <see cref="ReferenceStrength"/>,
/// phases <see cref="ReferenceFactor"/> times as long, float64.</para>
/// <para>Deterministic. Cost: about 40 free phases of a few tasks; with a choice of steps up to twice that.</para>
/// </remarks>
internal sealed class NudgingAdvisor(ILearner learner, Stencil stencil, CancellationToken cancellation = default)
{
    private const int ReferenceFactor = 8;

    private const double ReferenceStrength = 3e-3;

    /// <summary>Errors up to this factor apart are taken for equal: a pilot of a few tasks tells no more.</summary>
    private const double Plateau = 1.1;

    private const double Usual = 0.1;

    /// <summary>Rows of all pilot tasks together, about: a pilot is to be cheap.</summary>
    private const int PilotRows = 400;

    /// <summary>Half decades.</summary>
    public static ImmutableArray<double> Grid { get; } = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];

    /// <summary>How many tasks a pilot needs, 1 to 8, given the rows of one.</summary>
    public static int PilotTasks(int rowsPerTask) => Math.Clamp(PilotRows / Math.Max(rowsPerTask, 1), 1, 8);

    /// <summary>The best β for phases as they are.</summary>
    /// <param name="theta">Slow parameters of the pilot.</param>
    /// <param name="pilot">Tasks of the pilot.</param>
    /// <param name="free">The free phase.</param>
    /// <param name="nudged">The nudged phases.</param>
    /// <exception cref="InvalidOperationException">A phase diverges at the reference's small β.</exception>
    public NudgingAdvice Advise(Parameters theta, EpisodeBatch pilot, Phase free, Phase nudged) =>
        Advise(theta, pilot, free, nudged, tolerance: double.PositiveInfinity, doublings: 0);

    /// <summary>The best β, and steps doubled until the error is small enough.</summary>
    /// <param name="theta">Slow parameters of the pilot.</param>
    /// <param name="pilot">Tasks of the pilot.</param>
    /// <param name="free">The free phase to start from.</param>
    /// <param name="nudged">The nudged phases to start from.</param>
    /// <param name="tolerance">Relative error that is small enough.</param>
    /// <param name="doublings">How often the steps of one kind may be doubled.</param>
    /// <exception cref="InvalidOperationException">A phase diverges at the reference's small β.</exception>
    public NudgingAdvice Advise(Parameters theta, EpisodeBatch pilot, Phase free, Phase nudged, double tolerance, int doublings)
    {
        using var reference = Reference(theta, pilot, free, nudged, out var settlingError);
        var trials = new List<NudgingTrial>();
        var best = Best(free.Steps, nudged.Steps, Grid);
        for (var i = 0; i < doublings && best.Error > tolerance; i++)
        {
            // The best β moves slowly with the steps: look near the last one.
            var near = Grid.Where(b => Math.Abs(Math.Log(b / best.NudgingStrength)) < 1.5).ToImmutableArray();
            var longerFree = Best(2 * best.AdaptationSteps, best.NudgedSteps, near);
            var longerNudged = Best(best.AdaptationSteps, 2 * best.NudgedSteps, near);
            var next = longerFree.Error <= longerNudged.Error ? longerFree : longerNudged;
            best = next.Error < best.Error ? next : best;
        }

        return new NudgingAdvice
        {
            NudgingStrength = best.NudgingStrength,
            AdaptationSteps = best.AdaptationSteps,
            NudgedSteps = best.NudgedSteps,
            EstimatedError = best.Error,
            SettlingError = settlingError,
            Trials = [.. trials],
        };

        NudgingTrial Best(int freeSteps, int nudgedSteps, ImmutableArray<double> strengths)
        {
            var here = strengths.Select(strength => new NudgingTrial
            {
                NudgingStrength = strength,
                AdaptationSteps = freeSteps,
                NudgedSteps = nudgedSteps,
                Error = Error(reference, theta, pilot, strength, free with { Steps = freeSteps }, nudged with { Steps = nudgedSteps }),
            }).ToArray();
            trials.AddRange(here);
            // Where the phases are what is wrong, the error hardly depends on β: then the usual
            // one is farthest from rounding and from divergence.
            var smallest = here.Min(t => t.Error);
            return double.IsFinite(smallest)
                ? here.Where(t => t.Error <= Plateau * smallest).MinBy(t => Math.Abs(Math.Log(t.NudgingStrength / Usual)))!
                : here[0];
        }
    }

    private Parameters Reference(Parameters theta, EpisodeBatch pilot, Phase free, Phase nudged, out double settlingError)
    {
        using var scope = NewDisposeScope();
        using var exactTheta = theta.Map(t => t.to(ScalarType.Float64));
        using var exactPilot = pilot.To(ScalarType.Float64);
        var (longFree, longNudged) = (
            free with { Steps = free.Steps * ReferenceFactor }, nudged with { Steps = nudged.Steps * ReferenceFactor });
        var problem = new InnerProblem(learner, exactTheta.Values, exactPilot, cancellation);
        var start = problem.InitialFast();
        var settled = Settle.Run(problem, start, 0, longFree).Phi;
        settlingError = Distance(Settle.Run(problem, start, 0, free).Phi, settled) / Math.Max(Distance(start, settled), double.Epsilon);
        return new ContrastiveRule(Stencil.Symmetric, ReferenceStrength, longFree, longNudged).Estimate(
            learner, exactTheta, exactPilot, cancellation).Gradient;
    }

    private double Error(Parameters reference, Parameters theta, EpisodeBatch pilot, double strength, Phase free, Phase nudged)
    {
        try
        {
            using var estimate = new ContrastiveRule(stencil, strength, free, nudged).Estimate(learner, theta, pilot, cancellation);
            using var difference = reference.Zip(estimate.Gradient, (r, e) => e.to(ScalarType.Float64).Minus(r));
            var error = difference.Norm() / reference.Norm();
            return double.IsFinite(error) ? error : double.PositiveInfinity;
        }
        catch (InvalidOperationException)
        {
            return double.PositiveInfinity; // The phase diverged: this β is too large for the inner learning rate.
        }
    }

    private static double Distance(NamedValues<Tensor> a, NamedValues<Tensor> b)
    {
        using var scope = NewDisposeScope();
        return Math.Sqrt(a.Values.Zip(b.Values, (x, y) => x.Minus(y).Squared().sum().ToNumber()).Sum());
    }
}
