using System.Globalization;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>What a checkpoint belongs to, in words: everything that the result of a meta-training depends on.</summary>
internal static class CheckpointOwner
{
    private const int ValuesBetweenCancellations = 1 << 16;

    /// <param name="o">The options.</param>
    /// <param name="description">The learner and its own options.</param>
    /// <param name="tasks">The rows.</param>
    /// <param name="strength">β, given or advised.</param>
    /// <exception cref="OperationCanceledException">The options' cancellation was asked for.</exception>
    public static Dictionary<string, string> Describe(MetaTrainingOptions o, string description, TrainingTasks tasks, double? strength)
    {
        var data = tasks.Data;
        return new Dictionary<string, string>
        {
            ["learner"] = description,
            ["task"] = data.IsClassification ? "Classification" : "Regression",
            ["seed"] = Text(tasks.Seed),
            ["rows"] = Text(data.Rows),
            ["feature checksum"] = Checksum(data.Features.Select(BitConverter.SingleToInt32Bits)),
            ["label checksum"] = Checksum(data.IsClassification ? data.Classes : data.Targets.Select(BitConverter.SingleToInt32Bits)),
            ["task checksum"] = Checksum(data.Groups.SelectMany(rows => rows.Append(-1))),
            ["episodes"] = o.TaskColumnName is null ? $"{o.Ways}-way {o.Shots}-shot, {o.QueryRows} query" : $"{o.SupportRows} support, {o.QueryRows} query",
            ["missing targets"] = o.MissingTargets.ToString(),
            ["network"] = o.ConvNet is { } c
                ? $"{c.Image}, {string.Join("-", c.Filters)}, stride {c.Stride}, pooling {c.Pooling}, {c.Normalization}"
                : $"{string.Join("-", o.HiddenUnits)} {o.Activation}",
            ["standardize"] = o.Standardize.ToString(),
            ["inner"] = $"{o.InnerOptimizer.Describe()} x {o.InnerSteps}",
            ["nudged"] = $"{(o.NudgedOptimizer ?? o.InnerOptimizer).Describe()} x {o.NudgedSteps}, {o.Stencil}, {Text(strength ?? 0)}",
            ["rule"] = o.Rule.Describe(),
            ["meta"] = $"{o.MetaOptimizer.Describe()} x {o.MetaSteps} {o.MetaLearningRateSchedule}, {o.TasksPerMetaStep} tasks, clip {Text(o.GradientClippingNorm ?? 0)}, average {Text(o.AveragingDecay)}",
            ["shard"] = Text(o.TasksPerShard),
            ["validation"] = $"{Text(o.ValidationFraction)}, {o.ValidationTasks} tasks every {o.ValidationInterval}",
        };

        string Checksum(IEnumerable<int> values) => Text(values.Chunk(ValuesBetweenCancellations).Aggregate(17L, (sum, chunk) =>
        {
            o.CancellationToken.ThrowIfCancellationRequested();
            return chunk.Aggregate(sum, (s, value) => unchecked((s * 31) + value));
        }));

        static string Text(IConvertible value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
