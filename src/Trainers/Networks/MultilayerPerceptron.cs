using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers;

/// <summary>A multilayer perceptron: fully connected hidden layers, then a linear readout.</summary>
/// <example>
/// <code>
/// var network = new MultilayerPerceptron { HiddenUnits = [40, 40], Activation = Activation.Gelu };
/// </code>
/// </example>
public sealed record MultilayerPerceptron : NetworkOptions
{
    /// <summary>
    /// Number of units of each hidden layer, from input to output, each at least 1; empty for a linear model. Default 64, 64.
    /// </summary>
    public IReadOnlyList<int> HiddenUnits { get; init => field = ValueList.Of(value); } = ValueList.Of<int>([64, 64]);

    /// <summary>
    /// Nonlinearity of the hidden units. Default <see cref="Activation.Tanh"/>: it gives a smooth learning loss, which converges to a clear
    /// equilibrium. The contrastive rule needs this.
    /// </summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    internal override void Validate()
    {
        Check.NotNull(HiddenUnits, nameof(HiddenUnits));
        foreach (var units in HiddenUnits)
        {
            Check.AtLeast(units, 1, nameof(HiddenUnits));
        }

        Check.Defined(Activation, nameof(Activation));
    }

    internal override Network WithReadout(int features, string featureColumnName, int? outputs) =>
        Mlp.WithReadout(features, HiddenUnits, outputs, Activation);
}
