using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Theory;
using MLNetMeta.Trainers.Torch;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>Tries the contrastive rule out on a few training tasks, at the θ that a training would start from.</summary>
/// <param name="options">The options of the training.</param>
/// <param name="rule">The rule's settings.</param>
/// <param name="tasks">The tasks.</param>
/// <param name="theta">θ at the start.</param>
/// <param name="channel">The log.</param>
internal sealed class NudgingPilot(
    MetaTrainingOptions options, ContrastiveSettings rule, LoadedTasks tasks, float[] theta, IChannel channel)
{
    private const double WithoutAdvice = 0.1;

    /// <summary>Advice on β, and on steps where their numbers may be doubled.</summary>
    public NudgingAdvice Advise(double tolerance, int doublings)
    {
        var episodes = tasks.Episodes;
        using var pilot = EpisodeBatch.Of(
            episodes.Of(TaskRange.Pilot(NudgingAdvisor.PilotTasks(episodes.Of(TaskRange.Pilot(1)).RowsPerTask))));
        channel.Info(MessageSensitivity.None, "Running a pilot of {0} tasks for advice on nudging", pilot.Tasks);
        using var parameters = Parameters.Of(tasks.Learner.Slow, theta);
        return new NudgingAdvisor(tasks.Learner, Stencil.Of(rule.Stencil), options.CancellationToken)
            .Advise(parameters, pilot, options.FreePhase, rule.NudgedPhase(options.FreePhase), tolerance, doublings);
    }

    /// <summary>
    /// The rule with an advised β, which is a function of seed and data, so that a resumed training has the same.
    /// </summary>
    public ContrastiveSettings WithStrength()
    {
        try
        {
            var advice = Advise(double.PositiveInfinity, doublings: 0);
            channel.Info(MessageSensitivity.None, "Advised from a pilot: {0}", advice);
            return rule with { Strength = advice.NudgingStrength };
        }
        catch (InvalidOperationException failure)
        {
            // The pilot's long phases may diverge where those of the training do not.
            channel.Warning(
                MessageSensitivity.None, "No nudging strength could be advised; {0} is used: {1}", WithoutAdvice, failure.Message);
            return rule with { Strength = WithoutAdvice };
        }
    }
}
