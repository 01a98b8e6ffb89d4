using System.Globalization;
using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>A method of a table whose methods are tuned with equal effort.</summary>
/// <param name="Name">Its row.</param>
/// <param name="Axes">What is tuned, one axis after the other; every method has axes of 3, 3 and 2 values, so 6 trainings.</param>
/// <param name="Cost">What a meta-step takes from the budget for one task, for values of the axes.</param>
/// <param name="Options">The trainer's options for values of the axes.</param>
internal sealed record TunedMethod<TOptions>(string Name, Axis[] Axes, Func<double[], int> Cost, Func<double[], TOptions> Options)
    where TOptions : MetaTrainingOptions
{
    public bool IsContrastive => Name.StartsWith("contrastive", StringComparison.Ordinal);

    public double[] Start => Array.ConvertAll(Axes, a => a.Values[0]);

    public string Describe(double[] values) =>
        string.Join(", ", Axes.Zip(values, (axis, value) => $"{axis.Name} {value.ToString("G4", CultureInfo.InvariantCulture)}"));
}
