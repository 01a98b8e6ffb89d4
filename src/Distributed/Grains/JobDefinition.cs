using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
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

    /// <summary>Number of tasks to train on, and to validate on: what a generator picks among.</summary>
    [Id(12)]
    public required int TrainingTasks { get; init; }

    [Id(13)]
    public required int ValidationTasks { get; init; }

    /// <summary>The graphs; empty where nothing is trained.</summary>
    [Id(14)]
    public byte[] ContributionGraph { get; init; } = [];

    [Id(15)]
    public byte[] EvaluationGraph { get; init; } = [];

    /// <summary>A <see cref="TaskLoss"/>.</summary>
    [Id(16)]
    public int Loss { get; init; }

    [Id(17)]
    public int FreeSteps { get; init; }

    [Id(18)]
    public double FreeRate { get; init; }

    [Id(19)]
    public int NudgedSteps { get; init; }

    [Id(20)]
    public double NudgedRate { get; init; }

    [Id(21)]
    public double Strength { get; init; }

    public MetaTrainingProgram Program => new()
    {
        Contribution = ContributionGraph,
        Evaluation = EvaluationGraph,
        Loss = (TaskLoss)Loss,
        FreeSteps = FreeSteps,
        FreeRate = FreeRate,
        NudgedSteps = NudgedSteps,
        NudgedRate = NudgedRate,
        Strength = Strength,
    };

    /// <summary>A job of its own that runs a program on the same tasks.</summary>
    public JobDefinition With(MetaTrainingProgram program) => this with
    {
        Id = Guid.NewGuid(),
        ContributionGraph = program.Contribution,
        EvaluationGraph = program.Evaluation,
        Loss = (int)program.Loss,
        FreeSteps = program.FreeSteps,
        FreeRate = program.FreeRate,
        NudgedSteps = program.NudgedSteps,
        NudgedRate = program.NudgedRate,
        Strength = program.Strength,
    };

    public Standardization Features => new(FeatureMeans, FeatureScales);

    public Standardization Targets => new(TargetMeans, TargetScales);
}
