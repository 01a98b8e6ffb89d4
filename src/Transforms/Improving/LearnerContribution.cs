using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Files;
using MLNetMeta.Transforms.Improving;

namespace MLNetMeta.Transforms;

/// <summary>
/// What the rows of an app add to a meta-step: one vector as long as the learner's slow parameters θ. The rows themselves stay in the app.
/// </summary>
/// <remarks>
/// <para>Made by <c>ml.MetaLearning().Contribute</c> and merged by <see cref="LearnerImprover"/>.</para>
/// <para>
/// A contribution is no anonymous thing: a gradient can say much about the rows that it was computed from. Clipping and noise
/// (<see cref="ContributionOptions"/>) bound what it says; <see cref="PrivacyAccountant"/> states the bound.
/// </para>
/// </remarks>
public sealed record LearnerContribution
{
    internal LearnerContribution()
    {
    }

    /// <summary>Tells the contribution from all others, so that it is merged once however often it is sent.</summary>
    public required Guid Id { get; init; }

    /// <summary>What all revisions of one learner have in common, 64 hexadecimal digits.</summary>
    public required string Lineage { get; init; }

    /// <summary>The revision of the learner that it was computed with.</summary>
    public required int Revision { get; init; }

    /// <summary>SHA-256 of θ of that revision, 64 hexadecimal digits.</summary>
    public required string ThetaChecksum { get; init; }

    /// <summary>Number of tasks, at least 1.</summary>
    public required int Tasks { get; init; }

    /// <summary>Sum of the evaluation losses of the tasks after adaptation; null where noise was added.</summary>
    public required double? EvaluationLoss { get; init; }

    /// <summary>Σ ĝ_θ over the tasks, <c>[θ]</c>.</summary>
    public required ReadOnlyMemory<float> Gradient { get; init; }

    /// <summary>Writes the contribution to a file.</summary>
    /// <param name="path">Path of the file; an existing one is replaced, and a reader never sees half of it.</param>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, Save);
    }

    /// <summary>Writes the contribution, in the format of docs/improving.md.</summary>
    /// <param name="stream">A writable stream; stays open.</param>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(ContributionFile.Write(this));
    }

    /// <summary>Reads a contribution.</summary>
    /// <param name="stream">A readable stream; read to the end of the contribution, and left open.</param>
    /// <param name="maximumLength">Most numbers of its gradient, at least 1: a longer one is refused before it is read. Default
    /// 100,000,000.</param>
    /// <exception cref="FormatException">It is damaged, cut off, too long or no contribution.</exception>
    /// <exception cref="NotSupportedException">It was written by a newer version of this library.</exception>
    public static LearnerContribution Load(Stream stream, int maximumLength = 100_000_000)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return maximumLength >= 1
            ? ContributionFile.Read(stream, maximumLength)
            : throw Throw.OptionTooSmall(nameof(maximumLength), maximumLength, 1);
    }
}
