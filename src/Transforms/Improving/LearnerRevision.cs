namespace MLNetMeta.Transforms;

/// <summary>A revision of a learner that is being improved.</summary>
public sealed record LearnerRevision
{
    internal LearnerRevision(int number, ReadOnlyMemory<byte> file) => (Number, File) = (number, file);

    /// <summary>The revision number, from 0: the number of steps since the meta-training.</summary>
    public int Number { get; }

    /// <summary>The learner file, as <see cref="Learner.Save(Stream)"/> writes it.</summary>
    public ReadOnlyMemory<byte> File { get; }
}
