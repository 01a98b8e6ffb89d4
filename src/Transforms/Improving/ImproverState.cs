namespace MLNetMeta.Transforms.Improving;

/// <summary>What an improver keeps on the disk, in one file that is replaced as a whole: a step has happened or has not.</summary>
internal sealed record ImproverState
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public required string Lineage { get; init; }

    public required int Revision { get; init; }

    /// <summary>θ, float32, little-endian.</summary>
    public required byte[] Theta { get; init; }

    /// <summary>The meta-optimiser's state, float32, little-endian.</summary>
    public required byte[][] Optimizer { get; init; }

    /// <summary>Checksums of θ of the revisions that contributions are still taken of, the oldest first, the current one last.</summary>
    public required string[] ThetaChecksums { get; init; }

    /// <summary>Contributions that were merged and could still be sent again.</summary>
    public required MergedContribution[] Merged { get; init; }

    /// <summary>Tasks merged so far.</summary>
    public required long Tasks { get; init; }
}
