using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>The same tasks whatever they are for, in managed memory.</summary>
internal sealed class HostEpisodes(EpisodeBatch batch) : IEpisodes
{
    public EpisodeRows Of(TaskRange tasks)
    {
        using var slice = batch.Slice(tasks.First, tasks.Count);
        return new EpisodeRows(Copy(slice.Support), Copy(slice.Query), tasks.First);
    }

    private static Rows<HostTensor> Copy(Rows<Tensor> rows) => new(Copy(rows.Features), Copy(rows.Targets), Copy(rows.Weights));

    private static HostTensor Copy(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return new(tensor.to(ScalarType.Float32).contiguous().data<float>().ToArray(), tensor.shape);
    }
}
