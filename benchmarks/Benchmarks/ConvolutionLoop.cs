using MLNetMeta.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Benchmarks;

/// <summary>
/// The contrastive meta-gradient of a complex synapse over images as one would write it on libtorch alone: task by task, with its
/// convolution and its autograd. What the task-batched network is compared with; both compute the same, which the benchmark checks.
/// </summary>
/// <param name="network">Blocks of 3×3 convolution, layer normalisation and ReLU.</param>
/// <param name="headOnly">Whether only the readout is fast; the images then pass the other layers once.</param>
/// <param name="free">Steps of the free phase, with Nesterov's accelerated gradient.</param>
/// <param name="nudged">Steps of each nudged phase.</param>
/// <param name="beta">Nudging strength.</param>
internal sealed class ConvolutionLoop(ConvolutionalNetwork network, bool headOnly, Phase free, Phase nudged, double beta)
{
    private const string Omega = "omega.", LogLambda = "log_lambda.";

    /// <summary>Mean over the tasks, in the order of <paramref name="theta"/>.</summary>
    public Tensor[] Estimate(NamedValues<Tensor> theta, EpisodeBatch batch)
    {
        var leaves = theta.Select(t => t.detach().clone().requires_grad_());
        Tensor[]? sum = null;
        for (var task = 0; task < batch.Tasks; task++)
        {
            using var scope = NewDisposeScope();
            var gradient = OfTask(leaves, Rows(batch.Support, task), Rows(batch.Query, task));
            sum = [.. gradient.Select((g, i) => (sum is null ? g / batch.Tasks : sum[i].add_(g / batch.Tasks)).MoveToOuterDisposeScope())];
        }

        return sum!;
    }

    private Tensor[] OfTask(NamedValues<Tensor> theta, Rows<Tensor> support, Rows<Tensor> query)
    {
        (support, query) = headOnly ? (Encode(theta, support), Encode(theta, query)) : (support, query);
        var (still, stillSupport, stillQuery) = (theta.Select(t => t.detach()), Detached(support), Detached(query));
        var fast = theta.Names.Where(n => n.StartsWith(Omega, StringComparison.Ordinal)).Select(n => n[Omega.Length..]).ToArray();
        var start = fast.ToDictionary(name => name, name => name.StartsWith("head", StringComparison.Ordinal)
            ? still[Omega + name].expand(-1, support.Targets.shape[^1]).clone()
            : still[Omega + name].clone());
        var equilibrium = Descend(start, free, 0);
        var ends = new[] { -1, 1 }.Select(sign => (Phi: Descend(equilibrium, nudged, sign * beta), Sign: sign)).ToArray();
        var loss = ends.Select(
            end => Loss(end.Phi, theta, support, query, end.Sign * beta) * (end.Sign / (2 * beta))).Aggregate((a, b) => a + b);
        return [.. autograd.grad([loss], theta.Values)];

        Dictionary<string, Tensor> Descend(Dictionary<string, Tensor> from, Phase phase, double nudging)
        {
            var phi = from;
            var velocity = fast.ToDictionary(name => name, name => zeros_like(from[name]));
            for (var step = 0; step < phase.Steps; step++)
            {
                using var scope = NewDisposeScope();
                var watched = fast.ToDictionary(name => name, name => phi[name].detach().requires_grad_());
                var gradient = autograd.grad(
                    [Loss(watched, still, stillSupport, stillQuery, nudging)], [.. fast.Select(name => watched[name])]);
                using var _ = no_grad();
                velocity = fast.Select(
                    (name, i) => (name, Value: gradient[i] + (phase.Optimizer.Momentum * velocity[name]))).ToDictionary(v => v.name,
                    v => v.Value.MoveToOuterDisposeScope());
                phi = fast.Select(
                    (name, i) => (
                        name,
                        Value: phi[name] - (phase.Optimizer.LearningRate * (gradient[i] + (phase.Optimizer.Momentum * velocity[name])))))
                    .ToDictionary(p => p.name, p => p.Value.MoveToOuterDisposeScope());
            }

            return phi;
        }
    }

    private Rows<Tensor> Encode(NamedValues<Tensor> theta, Rows<Tensor> rows) =>
        rows with { Features = Trunk(name => theta[name], rows.Features) };

    /// <summary>L_in + β L_out.</summary>
    private Tensor Loss(Dictionary<string, Tensor> phi, NamedValues<Tensor> theta, Rows<Tensor> support, Rows<Tensor> query, double nudging)
    {
        var pull = phi.Select(
            p => (theta[LogLambda + p.Key].exp() * (p.Value - theta[Omega + p.Key]).square()).sum()).Aggregate((a, b) => a + b);
        var loss = CrossEntropy(support) + (0.5 * pull);
        return nudging == 0 ? loss : loss + (nudging * CrossEntropy(query));

        Tensor CrossEntropy(Rows<Tensor> rows)
        {
            var units = headOnly ? rows.Features : Trunk(name => phi[name], rows.Features);
            return nn.functional.cross_entropy(units.matmul(phi["head.weight"]) + phi["head.bias"], rows.Targets);
        }
    }

    private Tensor Trunk(Func<string, Tensor> parameters, Tensor pixels)
    {
        var image = network.Image;
        var h = pixels.reshape(-1, image.Channels, image.Height, image.Width);
        for (var block = 1; block <= network.Filters.Count; block++)
        {
            // [positions · channels, filters] → [filters, channels, 3, 3]
            var weight = parameters($"block{block}.weight");
            h = nn.functional.conv2d(
                h, weight.reshape(3, 3, h.shape[1], -1).permute(3, 2, 0, 1), null, [network.Stride, network.Stride], [1, 1]);
            h = nn.functional.layer_norm(h, [.. h.shape[1..]]) + parameters($"block{block}.bias").reshape(1, -1, 1, 1);
            h = h.relu();
        }

        return h.permute(0, 2, 3, 1).reshape(h.shape[0], -1);
    }

    private static Rows<Tensor> Rows(Rows<Tensor> all, int task) => new(all.Features[task], all.Targets[task], all.Weights[task]);

    private static Rows<Tensor> Detached(Rows<Tensor> rows) => rows with { Features = rows.Features.detach() };
}
