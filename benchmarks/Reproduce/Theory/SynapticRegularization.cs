using System.Collections.Immutable;

namespace MLNetMeta.Reproduce.Theory;

/// <summary>
/// Supervised meta-optimisation (paper, section 5.2): a network trained on one task, with one weight decay λᵢ
/// per synapse that is learned against a validation set.
/// </summary>
/// <remarks>
/// L_in = ℓ_train(φ) + ½ Σ λᵢ φᵢ², L_out = ℓ_validation(φ), θ = {log λ, and the random numbers that every training starts from}. The start
/// is a part of θ so that it has a home; the equilibrium does not depend on it, and rules that see the equilibrium leave it where it is.
/// </remarks>
internal sealed class SynapticRegularization : ILearner, ISynapticLearner
{
    /// <param name="network">The network, with a fixed number of outputs.</param>
    /// <param name="loss">The data term of both losses.</param>
    /// <param name="strength">λ at first, above 0.</param>
    public SynapticRegularization(Network network, TaskLoss loss, double strength)
    {
        Network = network;
        Loss = loss;
        Fast = [.. network.Trunk, .. network.Head];
        Slow =
        [
            .. Fast.Select(f => f with { Name = Start(f.Name) }),
            .. Fast.Select(f => new ParameterSpec(LogLambda(f.Name), f.Shape) { InitialMean = Math.Log(strength) }),
        ];
    }

    public string Kind => nameof(SynapticRegularization);

    public Network Network { get; }

    INetworkDescription ILearner.Network => Network;

    public TaskLoss Loss { get; }

    public int? Outputs => Network.Outputs;

    public ImmutableArray<ParameterSpec> Slow { get; }

    public ImmutableArray<ParameterSpec> Fast { get; }

    public bool IsLocal => true;

    public NamedValues<V> Consolidated<V>(Ops<V> ops, NamedValues<V> theta) => new(
        [.. Fast.Select(f => Start(f.Name)), .. Fast.Select(f => Lambda(f.Name))],
        [.. Fast.Select(f => theta[Start(f.Name)]), .. Fast.Select(f => ops.Exp(theta[LogLambda(f.Name)]))]);

    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) => new(
        [.. Fast.Select(f => f.Name)], [.. Fast.Select(f => ops.PerTask(consolidated[Start(f.Name)], support.Targets))]);

    public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded) =>
        Network.Forward(ops, name => phi[name], encoded);

    public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) => Fast.Aggregate(
        EvaluationLoss(ops, phi, consolidated, support),
        (loss, f) => ops.Add(loss, ops.QuadraticPull(phi[f.Name], ops.Scalar(0), consolidated[Lambda(f.Name)])));

    public V EvaluationLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query) =>
        Loss.Of(ops, Predict(ops, phi, consolidated, query.Features), query);

    /// <summary>∂log λᵢ = ½ λᵢ φᵢ², summed over tasks; 0 for the start.</summary>
    public NamedValues<V> LocalSlowGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated) => new(
        [.. Slow.Select(s => s.Name)],
        [
            .. Fast.Select(f => ops.ZerosLike(consolidated[Start(f.Name)])),
            .. Fast.Select(
                f => ops.Scale(
                    ops.Multiply(
                        ops.SumTo(ops.Multiply(phi[f.Name], phi[f.Name]), consolidated[Lambda(f.Name)]),
                        consolidated[Lambda(f.Name)]), 0.5)),
        ]);

    private static string Start(string fast) => $"start.{fast}";

    private static string LogLambda(string fast) => $"log_lambda.{fast}";

    private static string Lambda(string fast) => $"lambda.{fast}";
}
