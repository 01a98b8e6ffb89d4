using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>What a checkpoint belongs to, in words: everything that the result of a meta-training depends on.</summary>
internal static class CheckpointOwner
{
    /// <param name="options">The options.</param>
    /// <param name="tasks">The rows.</param>
    /// <param name="rule">The rule, with its advised strength.</param>
    /// <exception cref="OperationCanceledException">The options' cancellation was asked for.</exception>
    public static Dictionary<string, string> Describe(MetaTrainingOptions options, TrainingTasks tasks, MetaGradientRule rule)
    {
        return new Dictionary<string, string>(tasks.DescribeRows(options.CancellationToken))
        {
            ["learner"] = options.Describe(),
            ["task"] = tasks.Shape.IsClassification ? "Classification" : "Regression",
            ["seed"] = tasks.Seed.ToString(CultureInfo.InvariantCulture),
            ["tasks"] = options.SourceOfTasks.Describe(),
            ["missing targets"] = options.TargetsMayMiss.ToString(),
            ["network"] = tasks.Learner.Network.Describe(),
            ["parameters"] = Parameters(tasks.Learner),
            ["standardize"] = options.Standardize.ToString(),
            ["adaptation"] = FormattableString.Invariant($"{options.FreePhase.Optimizer.Describe()} x {options.FreePhase.Steps}"),
            ["rule"] = rule.Describe(options.FreePhase),
            ["training"] = options.Training.Describe(),
            ["validation"] = options.Training.DescribeValidation(),
            ["compute"] = options.Engine.Describe(),
        };
    }

    /// <summary>The learner's kind, and a hash of its type, that of the network, and names, shapes and initial values of all
    /// parameters: what tells learners of others apart, whose settings nobody knows.</summary>
    private static string Parameters(ILearner learner)
    {
        var text = string.Join('\n', learner.Slow.Concat(learner.Fast).Select(parameter => FormattableString.Invariant(
            $"{parameter} {parameter.InitialMean:R} {parameter.InitialDeviation:R} {parameter.IsPerClass}")));
        var network = learner.Network is Network { BodyType: var type } ? type : learner.Network.GetType();
        var hash = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes($"{learner.GetType()} {network}\n{text}"));
        return FormattableString.Invariant($"{learner.Kind} {hash:x16}");
    }
}
