using System.Globalization;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>What a checkpoint belongs to, in words: everything that the result of a meta-training depends on.</summary>
internal static class CheckpointOwner
{
    private const int ValuesBetweenCancellations = 1 << 16;

    /// <param name="options">The options.</param>
    /// <param name="tasks">The rows.</param>
    /// <param name="rule">The rule, with its advised strength.</param>
    /// <exception cref="OperationCanceledException">The options' cancellation was asked for.</exception>
    public static Dictionary<string, string> Describe(MetaTrainingOptions options, TrainingTasks tasks, MetaGradientRule rule)
    {
        var data = tasks.Data;
        return new Dictionary<string, string>
        {
            ["learner"] = options.Describe(),
            ["task"] = data.IsClassification ? "Classification" : "Regression",
            ["seed"] = Text(tasks.Seed),
            ["rows"] = Text(data.Rows),
            ["feature checksum"] = Checksum(data.Features.Select(BitConverter.SingleToInt32Bits)),
            ["label checksum"] = Checksum(data.IsClassification ? data.Classes : data.Targets.Select(BitConverter.SingleToInt32Bits)),
            ["weight checksum"] = Checksum(data.ExampleWeights.Select(BitConverter.SingleToInt32Bits)),
            ["task checksum"] = Checksum(data.Groups.SelectMany(rows => rows.Append(-1))),
            ["tasks"] = options.SourceOfTasks.Describe(),
            ["missing targets"] = options.TargetsMayMiss.ToString(),
            ["network"] = options.DescribeNetwork(),
            ["standardize"] = options.Standardize.ToString(),
            ["adaptation"] = FormattableString.Invariant($"{options.FreePhase.Optimizer.Describe()} x {options.FreePhase.Steps}"),
            ["rule"] = rule.Describe(options.FreePhase),
            ["training"] = options.Training.Describe(),
            ["validation"] = options.Training.DescribeValidation(),
            ["compute"] = options.Compute.Describe(),
        };

        string Checksum(IEnumerable<int> values) => Text(values.Chunk(ValuesBetweenCancellations).Aggregate(17L, (sum, chunk) =>
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            return chunk.Aggregate(sum, (s, value) => unchecked((s * 31) + value));
        }));

        static string Text(IConvertible value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
