using System.Text.Json;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Distributed.Grains;

/// <summary>A meta-training as silos know it: how rows are scaled and drawn, and the graphs that run on them.</summary>
[GenerateSerializer]
[Alias("MLNetMeta.JobDefinition")]
internal sealed record JobDefinition
{
    [Id(0)]
    public required Guid Id { get; init; }

    [Id(1)]
    public required ColumnNames Columns { get; init; }

    /// <summary>Names of all classes, in the order of their indices.</summary>
    [Id(2)]
    public required string[] ClassNames { get; init; }

    [Id(3)]
    public required float[] FeatureMeans { get; init; }

    [Id(4)]
    public required float[] FeatureScales { get; init; }

    /// <summary>Empty for classes, as the scales are.</summary>
    [Id(5)]
    public required float[] TargetMeans { get; init; }

    [Id(6)]
    public required float[] TargetScales { get; init; }

    [Id(7)]
    public required int Seed { get; init; }

    [Id(8)]
    public required int FewestSupportRows { get; init; }

    [Id(9)]
    public required int MostSupportRows { get; init; }

    [Id(10)]
    public required bool SupportOfEachClass { get; init; }

    [Id(11)]
    public required int QueryRows { get; init; }

    /// <summary>The <see cref="MetaTrainingProgram"/>, JSON; null where nothing is trained.</summary>
    [Id(12)]
    public byte[]? Program { get; init; }

    /// <summary>What all jobs on rows that are scaled and numbered alike have in common.</summary>
    [Id(13)]
    public required Guid Rows { get; init; }

    /// <summary>A job of its own that runs a program on the same rows.</summary>
    public JobDefinition With(MetaTrainingProgram program) =>
        this with { Id = Guid.NewGuid(), Program = JsonSerializer.SerializeToUtf8Bytes(program) };

    /// <summary>The graphs of a job that trains.</summary>
    public MetaTrainingProgram ReadProgram() => JsonSerializer.Deserialize<MetaTrainingProgram>(Program)!;

    public Standardization Features => new(FeatureMeans, FeatureScales);

    public Standardization Targets => new(TargetMeans, TargetScales);
}
