using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Distributed.Grains;

/// <summary>What is asked of a partition: something of some of its tasks.</summary>
/// <param name="Job">The meta-training.</param>
/// <param name="Use">What the tasks were drawn for, a <see cref="TaskUse"/>.</param>
/// <param name="Step">The meta-step.</param>
/// <param name="Version">Which θ, or which learner file.</param>
/// <param name="Blocks">The tasks.</param>
[GenerateSerializer]
[Alias("MLNetMeta.PartitionRequest")]
internal sealed record PartitionRequest(Guid Job, int Use, int Step, long Version, TaskBlock[] Blocks)
{
    public TaskRange Range(int number) => new((TaskUse)Use, Step, number, 1);
}
