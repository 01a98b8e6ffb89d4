using MLNetMeta.Trainers.Estimators;

namespace MLNetMeta.Distributed.Grains;

/// <summary>What a learner makes of a validation task: predictions and errors, and no features.</summary>
[GenerateSerializer]
[Alias("MLNetMeta.CertaintyAnswer")]
internal sealed record CertaintyAnswer
{
    /// <summary>Number of the task.</summary>
    [Id(0)]
    public required int Number { get; init; }

    [Id(1)]
    public int SupportRows { get; init; }

    [Id(2)]
    public float[] Probabilities { get; init; } = [];

    [Id(3)]
    public int[] Classes { get; init; } = [];

    [Id(4)]
    public float[] Errors { get; init; } = [];

    [Id(5)]
    public float[] Unadapted { get; init; } = [];

    [Id(6)]
    public double[] Residuals { get; init; } = [];

    [Id(7)]
    public double[] Distances { get; init; } = [];

    [Id(8)]
    public double[] UnadaptedDistances { get; init; } = [];

    public static CertaintyAnswer Of(int number, CalibrationCase of) => new()
    {
        Number = number, SupportRows = of.SupportRows, Probabilities = of.Probabilities, Classes = of.Classes,
    };

    public static CertaintyAnswer Of(int number, IntervalCase of) => new()
    {
        Number = number,
        SupportRows = of.SupportRows,
        Errors = of.Errors,
        Unadapted = of.Unadapted,
        Residuals = of.Residuals,
        Distances = of.Distances,
        UnadaptedDistances = of.UnadaptedDistances,
    };

    public CalibrationCase ToCalibration() => new(Probabilities, Classes, SupportRows);

    public IntervalCase ToInterval() => new(Errors, Unadapted, SupportRows, Residuals, Distances, UnadaptedDistances);
}
