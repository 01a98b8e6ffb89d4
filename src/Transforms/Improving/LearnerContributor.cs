using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.FewShot;
using MLNetMeta.Transforms.Learners;

namespace MLNetMeta.Transforms.Improving;

/// <summary>Turns labelled rows into a contribution; the rows stay where they are.</summary>
/// <remarks>
/// ĝ_θ of a task is the mean over random splits of its rows; clipped, and summed over tasks; then noise is added. Each split costs a free
/// phase, the nudged phases and one gradient: a few adaptations.
/// </remarks>
internal static class LearnerContributor
{
    public static LearnerContribution Contribute(MLContext context, Learner learner, IDataView rows, ContributionOptions options)
    {
        var improvement = learner.Improvement ?? throw Throw.NotImprovable(learner.Kind);
        options.Validate();
        if (options.ExampleWeightColumnName is not null && !learner.TakesExampleWeights)
        {
            throw Throw.NoExampleWeights(learner.Kind);
        }

        var host = ((IHostEnvironment)context).Register(nameof(LearnerContributor));
        using var channel = host.Start("Contribute");
        var columns = learner.ColumnsOf(
            options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName, options.TaskColumnName);
        var (all, taskOf, names) = new SupportReader(learner, columns).ReadTasks(rows, options.CancellationToken);
        var random = new Random(options.Seed ?? host.Rand.Next());
        var ownClasses = learner.Labels == LabelSemantics.Episodes;
        var sum = new GradientSum(improvement.Theta.Length / sizeof(float));
        var (loss, tasks, leftOut) = (0.0, 0, new List<string>());
        foreach (var task in Enumerable.Range(0, all.Rows).GroupBy(row => taskOf[row]))
        {
            var ofTask = all.Take(task.ToArray());
            if (OfTask(learner, ownClasses ? TaskSplitter.Renumber(ofTask) : ofTask, ownClasses, options, random) is not { } mean)
            {
                leftOut.Add(names[task.Key]);
                continue;
            }

            sum.Add(mean.Gradient, clippingNorm: options.ClippingNorm);
            (loss, tasks) = (loss + mean.Loss, tasks + 1);
        }

        if (tasks == 0)
        {
            throw Throw.NothingToContribute(ownClasses);
        }

        if (leftOut.Count > 0)
        {
            channel.Warning(MessageSensitivity.UserData, "{0}", Throw.LeftOutOfContribution(leftOut, options.TaskColumnName!));
        }

        PrivateNoise.AddTo(sum.Numbers, options.NoiseMultiplier * (options.ClippingNorm ?? 0));
        return new LearnerContribution
        {
            Id = Guid.NewGuid(),
            Lineage = improvement.Lineage,
            Revision = improvement.Revision,
            ThetaChecksum = improvement.ThetaChecksum(),
            Tasks = tasks,
            EvaluationLoss = options.NoiseMultiplier > 0 ? null : loss,
            Gradient = sum.Numbers,
        };
    }

    /// <summary>The mean over splits; null for a task that cannot be split.</summary>
    private static (float[] Gradient, double Loss)? OfTask(
        Learner learner, SupportSet task, bool ownClasses, ContributionOptions options, Random random)
    {
        GradientSum? mean = null;
        var (fewest, most) = options.SupportRows(learner.Task);
        var loss = 0.0;
        for (var split = 0; split < options.Splits; split++)
        {
            if (TaskSplitter.Split(task, ownClasses, random.Next(fewest, most + 1), random) is not { } parts)
            {
                return null;
            }

            var (gradient, ofSplit) = learner.Contribute(parts.Support, parts.Query, options.CancellationToken);
            mean ??= new GradientSum(gradient.Length);
            mean.Add(gradient, 1.0 / options.Splits);
            loss += ofSplit / options.Splits;
        }

        return (mean!.Numbers, loss);
    }
}
