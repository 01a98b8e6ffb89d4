using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Networks;

namespace MLNetMeta.Trainers;

/// <summary>
/// The network that learns: a <see cref="MultilayerPerceptron"/>, a <see cref="ConvolutionalNetwork"/> or a <see cref="CustomNetwork"/>.
/// Each ends in a linear readout.
/// </summary>
public abstract record NetworkOptions
{
    private protected NetworkOptions()
    {
    }

    private protected static OptionCheck Check { get; } = new("Network");

    /// <summary>Whether all tasks must have the same number of rows.</summary>
    internal virtual bool IsTransductive => false;

    internal abstract void Validate();

    /// <param name="features">Values of a row.</param>
    /// <param name="featureColumnName">Their column, for messages.</param>
    /// <param name="outputs">Number of outputs; null for a readout with one column for each class of the task at hand.</param>
    /// <exception cref="InvalidOperationException">The network takes another number of features.</exception>
    internal abstract Network WithReadout(int features, string featureColumnName, int? outputs);
}
