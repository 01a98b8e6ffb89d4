namespace MLNetMeta.Distributed.Grains;

/// <summary>Which columns the driver wants.</summary>
[GenerateSerializer]
[Alias("MLNetMeta.ColumnNames")]
internal sealed record ColumnNames(
    bool IsClassification, string Label, string Features, string Task, bool MayMissTargets, string? Weight);
