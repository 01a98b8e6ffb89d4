using System.Diagnostics;
using System.Runtime.InteropServices;
using MLNetMeta.Distributed.Grains;
using MLNetMeta.Distributed.Telemetry;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Distributed.Driver;

/// <summary>Has contributions computed by the partitions of a cluster, and sums them in the order of the tasks.</summary>
/// <remarks>
/// θ goes to one grain, and from there once to every silo. A silo that does not know it any more answers with nothing; then it is said
/// again. A request names its θ, so answers of different ones never meet.
/// </remarks>
internal sealed class ClusterContributor(
    PartitionClient partitions, JobDefinition job, ClusterTask[] training, ClusterTask[] validation) : IContributor
{
    private long _version;

    public Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        var answers = Compute(Bytes(theta), tasks, (grain, request) => grain.Compute(request, withGradient: true));
        return Contribution.Sum(
            [.. answers.Select(of => new Contribution(of.Gradient, 1, of.Loss, of.FreeResidual, of.NudgedResidual))]);
    }

    public Validation Validate(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        var answers = Compute(Bytes(theta), tasks, (grain, request) => grain.Compute(request, withGradient: false));
        return Validation.Sum([.. answers.Select(of => new Validation(of.Loss, [of.Error]))]);
    }

    /// <summary>What a learner makes of validation tasks, in their order.</summary>
    public CertaintyAnswer[] Measure(byte[] learner, TaskRange tasks) =>
        Ask(learner, tasks, (grain, request) => grain.Measure(request), answer => answer.Number).GetAwaiter().GetResult();

    public void Dispose()
    {
        // Silos forget a job when others come.
    }

    private TaskAnswer[] Compute(byte[] theta, TaskRange tasks, Func<IPartitionGrain, PartitionRequest, Task<TaskAnswer[]?>> ask)
    {
        var answers = Ask(theta, tasks, ask, answer => answer.Number).GetAwaiter().GetResult();
        return Array.Find(answers, answer => answer.Divergence is not null) is { } diverged
            ? throw new DivergenceException(diverged.Divergence!)
            : answers;
    }

    private async Task<T[]> Ask<T>(
        byte[] blob, TaskRange tasks, Func<IPartitionGrain, PartitionRequest, Task<T[]?>> ask, Func<T, int> numberOf)
    {
        var version = ++_version;
        using var activity = ClusterTelemetry.Activities.StartActivity("mlnetmeta.step", ActivityKind.Client);
        activity?.SetTag("use", tasks.Use.ToString()).SetTag("step", tasks.Step).SetTag("tasks", tasks.Count);
        await Tell(version, blob);
        var parts = await Task.WhenAll(Draw(tasks).GroupBy(drawn => drawn.Partition, drawn => drawn.Task).Select(async ofPartition =>
        {
            var request = new PartitionRequest(job.Id, (int)tasks.Use, tasks.Step, version, [.. ofPartition]);
            while (true)
            {
                if (await partitions.Ask(ofPartition.Key, grain => ask(grain, request)) is { } answers)
                {
                    return answers;
                }

                await Tell(version, blob);
            }
        }));
        return [.. parts.SelectMany(answers => answers).OrderBy(numberOf)];
    }

    /// <summary>Says what the job is, and what its θ or learner is now.</summary>
    private async Task Tell(long version, byte[] blob)
    {
        // Through a partition's patience: the grain may have been on a silo that was lost.
        var grain = partitions.Client.GetGrain<IJobGrain>(job.Id);
        await partitions.Patiently(async () =>
        {
            if (!await grain.SetBlob(version, blob))
            {
                await grain.SetDefinition(job);
            }

            return true;
        });
    }

    private IEnumerable<(int Partition, DrawnTask Task)> Draw(TaskRange tasks)
    {
        var source = tasks.Use.IsHeldOut() ? validation : training;
        for (var number = tasks.First; number < tasks.First + tasks.Count; number++)
        {
            var task = source[TaskSource.Pick(source.Length, tasks.Generator(job.Seed, number))];
            yield return (task.Partition, new DrawnTask(number, task.Number));
        }
    }

    private static byte[] Bytes(float[] theta) => MemoryMarshal.AsBytes(theta.AsSpan()).ToArray();
}
