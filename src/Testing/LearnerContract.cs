namespace MLNetMeta.Trainers.Testing;

/// <summary>
/// Checks whether a learner keeps the contract of <see cref="ILearner"/>: gradients, independence of tasks and rows, and parity of
/// TorchSharp and ONNX Runtime.
/// </summary>
/// <remarks>
/// Takes about a second for a small learner; gradients are compared along a random direction of each parameter. Needs libtorch and ONNX
/// Runtime. Fast parameters whose shape depends on the number of classes in another axis than the last cannot be checked.
/// </remarks>
/// <example>
/// <code>
/// var network = new Network(new ResidualNetwork(inputs: 4, units: 8), outputs: 2);
/// LearnerContract.Verify(new LowRankAdapters(network, TaskLoss.SquaredError, rank: 2));
/// </code>
/// </example>
public static class LearnerContract
{
    /// <summary>Checks a learner.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="options">Random tasks and inner loop; null for the defaults.</param>
    /// <exception cref="LearnerContractException">A law is broken; the message says which, where and by how much.</exception>
    public static void Verify(ILearner learner, LearnerContractOptions? options = null) =>
        Verify($"The learner '{learner?.Kind}'", learner!, options);

    /// <summary>
    /// Checks a network: in a complex synapse, where all weights are fast, and in a dual system, where every stage is modulated.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="options">Random tasks and inner loop; null for the defaults.</param>
    /// <exception cref="ArgumentException">Names of the network's parameters clash, or a shape has no length.</exception>
    /// <exception cref="LearnerContractException">A law is broken; the message says which, where and by how much.</exception>
    public static void Verify(INetwork network, LearnerContractOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        var whole = new Network(network, outputs: 2);
        var name = $"The network {network.GetType().Name}";
        Verify(
            $"{name} in a complex synapse",
            new Learners.ComplexSynapse(whole, TaskLoss.SquaredError, strength: 0.7, learnStrength: true), options);
        Verify(
            $"{name} in a dual system", new Learners.DualSystem(whole, TaskLoss.SquaredError, strength: 0.7, learnStrength: true), options);
    }

    /// <summary>
    /// Checks an optimiser as the inner one of a small complex synapse: parity of TorchSharp and ONNX Runtime, independence, determinism.
    /// </summary>
    /// <param name="optimizer">The optimiser, for example <see cref="Optimizer.Custom"/>.</param>
    /// <param name="options">Random tasks and inner loop; null for the defaults. Its optimiser is not used.</param>
    /// <exception cref="LearnerContractException">A law is broken; the message says which, where and by how much.</exception>
    public static void Verify(Optimizer optimizer, LearnerContractOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        var network = Networks.Mlp.WithReadout(3, [4], 2, Activation.Tanh);
        Verify(
            $"The optimiser {optimizer.Kind}",
            new Learners.ComplexSynapse(network, TaskLoss.SquaredError, strength: 0.7, learnStrength: true),
            (options ?? new()) with { Optimizer = optimizer });
    }

    /// <summary>Checks a learner and says for every law whether it holds, and how closely.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="options">Random tasks and inner loop; null for the defaults.</param>
    public static IReadOnlyList<LearnerContractResult> Check(ILearner learner, LearnerContractOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(learner);
        options ??= new();
        options.Validate();
        if (learner.Loss == TaskLoss.CrossEntropy && options.SupportRows < (learner.Outputs ?? options.Classes))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.SupportRows,
                $"SupportRows must be at least {learner.Outputs ?? options.Classes}: one for each class.");
        }

        using var run = new ContractRun(learner, options);
        return run.Results();
    }

    private static void Verify(string subject, ILearner learner, LearnerContractOptions? options)
    {
        var results = Check(learner, options);
        if (results.Any(result => !result.Holds))
        {
            throw new LearnerContractException(subject, results);
        }
    }
}
