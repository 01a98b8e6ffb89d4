namespace MLNetMeta.Distributed.Grains;

/// <summary>A column of a source.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Text, Boolean or Single.</param>
/// <param name="Length">Numbers of a vector; 0 for a scalar.</param>
[GenerateSerializer]
[Alias("MLNetMeta.SourceColumn")]
internal sealed record SourceColumn(string Name, string Kind, int Length);
