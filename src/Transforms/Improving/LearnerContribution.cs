using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Files;
using MLNetMeta.Transforms.Improving;

namespace MLNetMeta.Transforms;

/// <summary>
/// What the rows of an app contribute to a meta-step: one vector with the length of the learner's slow parameters θ. The rows themselves
/// stay in the app.
/// </summary>
/// <remarks>
/// <para>Made by <c>ml.MetaLearning().Contribute</c> and merged by <see cref="LearnerImprover"/>.</para>
/// <para>
/// A contribution is not anonymous: a gradient can reveal much about the rows that it was computed from. Clipping and noise
/// (<see cref="ContributionOptions"/>) limit this, and <see cref="PrivacyAccountant"/> computes the limit.
/// </para>
/// </remarks>
public sealed record LearnerContribution
{
    internal LearnerContribution()
    {
    }

    /// <summary>Unique id of the contribution. It is merged only once, however often it is sent.</summary>
    public required Guid Id { get; init; }

    /// <summary>Identifies the learner: all its revisions have the same value. 64 hexadecimal digits.</summary>
    public required string Lineage { get; init; }

    /// <summary>The revision of the learner that the contribution was computed with.</summary>
    public required int Revision { get; init; }

    /// <summary>SHA-256 of θ of that revision, 64 hexadecimal digits.</summary>
    public required string ThetaChecksum { get; init; }

    /// <summary>Number of tasks, at least 1.</summary>
    public required int Tasks { get; init; }

    /// <summary>Sum of the evaluation losses of the tasks after adaptation; null if noise was added.</summary>
    public required double? EvaluationLoss { get; init; }

    /// <summary>Σ ĝ_θ over the tasks, <c>[θ]</c>.</summary>
    public required ReadOnlyMemory<float> Gradient { get; init; }

    /// <summary>Writes the contribution to a file.</summary>
    /// <param name="path">Path of the file. An existing file is replaced, and a reader never sees a partial file.</param>
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
    /// <param name="maximumLength">Maximum length of the gradient, at least 1. A longer gradient is refused before it is read. Default
    /// 100,000,000.</param>
    /// <exception cref="FormatException">It is damaged, truncated, too long or not a contribution.</exception>
    /// <exception cref="NotSupportedException">It was written by a newer version of this library.</exception>
    public static LearnerContribution Load(Stream stream, int maximumLength = 100_000_000)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return maximumLength >= 1
            ? ContributionFile.Read(stream, maximumLength)
            : throw Throw.OptionTooSmall(nameof(maximumLength), maximumLength, 1);
    }
}
