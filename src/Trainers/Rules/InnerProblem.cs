using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>A learner with its slow parameters in front of a batch of tasks: what a phase settles and a rule differentiates.</summary>
/// <remarks>
/// Tensors belong to the caller's dispose scope. Gradients and losses are over all rows, or those of a step: <see cref="At"/>.
/// </remarks>
internal sealed class InnerProblem
{
    private readonly (Rows<Tensor> Support, Rows<Tensor> Query) _rows;
    private readonly SlowPass<Tensor> _pass;

    public InnerProblem(ILearner learner, NamedValues<Tensor> theta, EpisodeBatch batch, CancellationToken cancellation = default)
        : this(learner, theta, batch, (batch.Support, batch.Query), PassOf(learner, theta, batch.Support, batch.Query), cancellation)
    {
    }

    private InnerProblem(
        ILearner learner, NamedValues<Tensor> theta, EpisodeBatch batch, (Rows<Tensor> Support, Rows<Tensor> Query) rows,
        SlowPass<Tensor> pass, CancellationToken cancellation) =>
        (Learner, Theta, Batch, _rows, _pass, Cancellation) = (learner, theta, batch, rows, pass, cancellation);

    public ILearner Learner { get; }

    public NamedValues<Tensor> Theta { get; }

    public EpisodeBatch Batch { get; }

    /// <summary>Asked at every step of a phase.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>A problem over copies of θ that autograd watches.</summary>
    public static InnerProblem Watched(
        ILearner learner, NamedValues<Tensor> theta, EpisodeBatch batch, CancellationToken cancellation = default) =>
        new(learner, Copies(theta), batch, cancellation);

    /// <summary>The same problem over copies of θ that autograd watches.</summary>
    public InnerProblem Watched()
    {
        var watched = Copies(Theta);
        return new(
            Learner, watched, Batch, _rows, PassOf(Learner, watched, _rows.Support, _rows.Query, Batch.Support), Cancellation);
    }

    /// <summary>The same problem over the rows that a step sees: itself where there are no mini-batches.</summary>
    public InnerProblem At(int step) => Batch.HasMiniBatches && Batch.At(step) is var rows
        ? new(Learner, Theta, Batch, rows, _pass.Of(rows.Support, rows.Query), Cancellation)
        : this;

    private static NamedValues<Tensor> Copies(NamedValues<Tensor> theta) => theta.Select(t => t.detach().clone().requires_grad_());

    private static SlowPass<Tensor> PassOf(
        ILearner learner, NamedValues<Tensor> theta, Rows<Tensor> support, Rows<Tensor> query, Rows<Tensor>? ofTask = null) =>
        new(TorchOps.Instance, learner, theta, support, query, ofTask);

    /// <summary>φ before learning.</summary>
    public NamedValues<Tensor> InitialFast() => Learner.InitialFast(TorchOps.Instance, _pass.Consolidated, _pass.Support);

    /// <summary>(∂φ⁽⁰⁾/∂θ)ᵀ v.</summary>
    public Tensor[] StartProduct(Tensor[] v) => _pass.StartProduct(v);

    /// <summary>∂φ 𝓛_β.</summary>
    public Tensor[] FastGradient(NamedValues<Tensor> phi, double beta) =>
        AugmentedLoss.FastGradient(TorchOps.Instance, Learner, phi, _pass.Consolidated, _pass.Support, _pass.Query, beta);

    /// <summary>Where the inner optimiser goes, given the gradient.</summary>
    public Tensor[] Direction(Tensor[] gradient) => Learner.Direction(TorchOps.Instance, gradient, _pass.Consolidated);

    /// <summary>Σ weight · ∂θ 𝓛_β over ends of phases, each φ held fixed.</summary>
    public Tensor[] SlowGradient(params IReadOnlyList<PhaseEnd<Tensor>> ends) =>
        AugmentedLoss.SlowGradient(TorchOps.Instance, Learner, ends, _pass);

    /// <summary>∂φ L_out.</summary>
    public Tensor[] EvaluationFastGradient(NamedValues<Tensor> phi) =>
        AugmentedLoss.EvaluationFastGradient(TorchOps.Instance, Learner, phi, _pass.Consolidated, _pass.Query);

    /// <summary>∂θ L_out at fixed φ.</summary>
    public Tensor[] EvaluationSlowGradient(NamedValues<Tensor> phi) => _pass.EvaluationGradient(phi);

    /// <summary>L_out(φ, θ), summed over tasks; rank 0.</summary>
    public Tensor EvaluationLossTensor(NamedValues<Tensor> phi) =>
        Learner.EvaluationLoss(TorchOps.Instance, phi, _pass.Consolidated, _pass.Query);

    /// <summary>𝓛_β(φ, θ), summed over tasks; rank 0.</summary>
    public Tensor Loss(NamedValues<Tensor> phi, double beta) =>
        AugmentedLoss.Value(TorchOps.Instance, Learner, phi, _pass.Consolidated, _pass.Support, _pass.Query, beta);

    /// <summary>L_out(φ, θ), summed over tasks.</summary>
    public double EvaluationLoss(NamedValues<Tensor> phi)
    {
        using var scope = NewDisposeScope();
        return EvaluationLossTensor(phi).ToNumber();
    }

    /// <summary>Predictions for the query rows: <c>[tasks, rows, outputs]</c>.</summary>
    public Tensor PredictQuery(NamedValues<Tensor> phi) =>
        Learner.Predict(TorchOps.Instance, phi, _pass.Consolidated, _pass.Query.Features);

    /// <summary><c>[tasks, rows, outputs]</c>.</summary>
    public Tensor Predict(NamedValues<Tensor> phi, Tensor features) =>
        Learner.Predict(TorchOps.Instance, phi, _pass.Consolidated, Learner.Encode(TorchOps.Instance, _pass.Consolidated, features));
}
