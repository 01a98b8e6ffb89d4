using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>A network of one's own. It trains, adapts and exports like the networks of this library.</summary>
/// <example>
/// <code>
/// var options = new DualSystemTrainer.Options
/// {
///     Tasks = new TaskColumn("User"),
///     Network = new CustomNetwork(features => new ResidualNetwork(features, units: 32)),
/// };
/// </code>
/// </example>
public sealed record CustomNetwork : NetworkOptions
{
    /// <summary>Creates options for a network of one's own.</summary>
    /// <param name="create">Creates the network for a number of features.</param>
    /// <exception cref="ArgumentNullException"><paramref name="create"/> is null.</exception>
    public CustomNetwork(Func<int, INetwork> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Create = create;
    }

    /// <summary>Creates the network for a number of features.</summary>
    public Func<int, INetwork> Create { get; }

    internal override void Validate()
    {
    }

    internal override Network WithReadout(int features, string featureColumnName, int? outputs)
    {
        var network = Create(features) ?? throw TrainerThrow.NoNetwork(features);
        return network.Inputs == features
            ? new Network(network, outputs)
            : throw TrainerThrow.OtherInputs(network.GetType().Name, featureColumnName, features, network.Inputs);
    }
}
