using System.Diagnostics;
using System.Runtime.InteropServices;
using MLNetMeta.Distributed.Grains;
using MLNetMeta.Distributed.Telemetry;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Distributed.Driver;

/// <summary>Has contributions computed by partitions, and sums them in the order of the tasks.</summary>
/// <remarks>
/// θ goes to one place, and from there once to every silo. A silo that does not know it any more answers with nothing; then it is said
/// again. A request names its θ, so answers of different ones never meet.
/// </remarks>
internal sealed class ClusterContributor(IPartitions partitions, JobDefinition job, TaskDraw training, TaskDraw validation) : IContributor
{
    private long _version;

    public Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        var answers = Compute(Bytes(theta), tasks, (partition, request) => partition.Compute(request, withGradient: true));
        return Contribution.Sum(Array.ConvertAll(answers, answer => answer.ToContribution()));
    }

    public Validation Validate(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        var answers = Compute(Bytes(theta), tasks, (partition, request) => partition.Compute(request, withGradient: false));
        return Validation.Sum(Array.ConvertAll(answers, answer => answer.ToValidation()));
    }

    /// <summary>What a learner makes of validation tasks, in their order.</summary>
    public CertaintyAnswer[] Measure(byte[] learner, TaskRange tasks) =>
        Ask(learner, tasks, (partition, request) => partition.Measure(request), answer => answer.Number).GetAwaiter().GetResult();

    public void Dispose() => partitions.Forget(job.Id);

    private BlockAnswer[] Compute(byte[] theta, TaskRange tasks, Func<IPartition, PartitionRequest, Task<BlockAnswer[]?>> ask)
    {
        var answers = Ask(theta, tasks, ask, answer => answer.First).GetAwaiter().GetResult();
        return Array.Find(answers, answer => answer.Divergence is not null) is { } diverged
            ? throw new DivergenceException(diverged.Divergence!)
            : answers;
    }

    private async Task<T[]> Ask<T>(
        byte[] blob, TaskRange tasks, Func<IPartition, PartitionRequest, Task<T[]?>> ask, Func<T, int> numberOf)
    {
        var version = ++_version;
        using var activity = ClusterTelemetry.Activities.StartActivity("mlnetmeta.step", ActivityKind.Client);
        activity?.SetTag("use", tasks.Use.ToString()).SetTag("step", tasks.Step).SetTag("tasks", tasks.Count);
        await Tell(version, blob);
        var blocks = (tasks.Use.IsHeldOut() ? validation : training).Draw(job.Seed, tasks);
        var parts = await Task.WhenAll(blocks.GroupBy(drawn => drawn.Partition, drawn => drawn.Block).Select(async ofPartition =>
        {
            var request = new PartitionRequest(job.Id, (int)tasks.Use, tasks.Step, version, [.. ofPartition]);
            while (true)
            {
                if (await partitions.Ask(ofPartition.Key, partition => ask(partition, request)) is { } answers)
                {
                    return answers;
                }

                await Tell(version, blob);
            }
        }));
        return [.. parts.SelectMany(answers => answers).OrderBy(numberOf)];
    }

    /// <summary>Says what the job is, and what its θ or learner is now.</summary>
    private Task Tell(long version, byte[] blob) => partitions.Tell(job.Id, async of =>
    {
        if (!await of.SetBlob(version, blob))
        {
            await of.SetDefinition(job);
        }
    });

    private static byte[] Bytes(float[] theta) => MemoryMarshal.AsBytes(theta.AsSpan()).ToArray();
}
