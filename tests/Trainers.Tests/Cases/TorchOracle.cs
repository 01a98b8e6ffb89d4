using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>
/// The two learners written once more in plain TorchSharp, after the formulas of the paper and for autograd: independent of the operators,
/// the tape and the task batching that they are compared with, but for TorchSharp's unsafe scalars (<see cref="Scalars"/>).
/// Fixed λ is <see cref="FixedStrength"/>.
/// </summary>
/// <param name="learner">Its parameters and loss.</param>
/// <param name="activation">Its nonlinearity.</param>
/// <param name="pullPerRow">Whether λ is divided by the number of support rows (or of observed targets).</param>
internal sealed class TorchOracle(ILearner learner, Activation activation, bool pullPerRow = false)
{
    /// <summary>λ of the learners of <see cref="Zoo"/> before it is learned.</summary>
    public const double FixedStrength = 3;

    /// <summary>Σ over tasks of ℓ_support(φ) + ½ Σ λ (φ − ω)².</summary>
    public Tensor LearningLoss(NamedValues<Tensor> phi, NamedValues<Tensor> theta, Rows<Tensor> support)
    {
        var loss = EvaluationLoss(phi, theta, support);
        foreach (var (name, value) in phi.Names.Zip(phi.Values))
        {
            var lambda = theta.Contains($"log_lambda.{name}") ? theta[$"log_lambda.{name}"].exp() : tensor(FixedStrength);
            var pull = (lambda * value.Minus(theta[$"omega.{name}"]).Squared()).sum([1, 2]);
            loss = loss.Plus((pullPerRow ? pull / support.Weights.gt(0.0).sum([1, 2]) : pull).sum().Times(0.5));
        }

        return loss;
    }

    /// <summary>Σ over tasks of ℓ(φ), task by task.</summary>
    public Tensor EvaluationLoss(NamedValues<Tensor> phi, NamedValues<Tensor> theta, Rows<Tensor> rows)
    {
        var sum = zeros([], ScalarType.Float64);
        for (var t = 0; t < rows.Features.shape[0]; t++)
        {
            var outputs = Forward(phi, theta, rows.Features[t], t);
            if (learner.Loss == TaskLoss.ObservedSquaredError)
            {
                sum = sum.Plus((outputs.Minus(rows.Targets[t]).Squared() * rows.Weights[t]).sum());
                continue;
            }

            var error = learner.Loss == TaskLoss.CrossEntropy
                ? -(rows.Targets[t] * outputs.Minus(outputs.logsumexp(-1, keepdim: true))).sum(-1)
                : outputs.Minus(rows.Targets[t]).Squared().mean([-1]);
            sum = sum.Plus((error * rows.Weights[t].squeeze(-1)).sum());
        }

        return sum;
    }

    /// <summary>φ after gradient descent on L_in from ω; differentiable in θ where θ requires gradients.</summary>
    public NamedValues<Tensor> Descend(NamedValues<Tensor> theta, EpisodeBatch batch, double learningRate, int steps, bool differentiable)
    {
        var classes = batch.Support.Targets.shape[^1];
        var names = learner.Fast.Select(f => f.Name).ToArray();
        var phi = new NamedValues<Tensor>([.. names], [.. learner.Fast.Select(f =>
        {
            var omega = theta[$"omega.{f.Name}"];
            return omega.expand([batch.Tasks, omega.shape[0], f.IsPerClass ? classes : omega.shape[1]]).clone();
        })]);
        for (var step = 0; step < steps; step++)
        {
            var leaves = differentiable ? phi : phi.Select(p => p.detach().requires_grad_());
            var gradient = autograd.grad(
                [LearningLoss(leaves, theta, batch.Support)], leaves.Values, retain_graph: differentiable, create_graph: differentiable);
            phi = leaves.With(leaves.Values.Zip(gradient, (p, g) => p.Plus(g, -learningRate)).ToArray());
        }

        return phi;
    }

    private Tensor Forward(NamedValues<Tensor> phi, NamedValues<Tensor> theta, Tensor x, int task)
    {
        var h = x;
        for (var layer = 1; phi.Contains($"layer{layer}.weight") || theta.Contains($"layer{layer}.weight"); layer++)
        {
            h = h.matmul(Of($"layer{layer}.weight")).Plus(Of($"layer{layer}.bias"));
            if (phi.Contains($"layer{layer}.gain"))
            {
                h = (h * Of($"layer{layer}.gain")).Plus(Of($"layer{layer}.shift"));
            }

            h = activation switch
            {
                Activation.Relu => nn.functional.relu(h),
                Activation.Tanh => h.tanh(),
                Activation.Gelu => nn.functional.gelu(h),
                Activation.Sigmoid => h.sigmoid(),
                Activation.Silu => nn.functional.silu(h),
                _ => throw new NotSupportedException($"Say here what {activation} is."),
            };
        }

        return h.matmul(Of("head.weight")).Plus(Of("head.bias"));

        Tensor Of(string name) => phi.Contains(name) ? phi[name][task] : theta[name];
    }
}
