using System.Reflection;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Operators;

public sealed class TapeTests
{
    /// <summary>Central differences of step 1e-5 in float64: truncation 1e-10, rounding 1e-11, both times the size of the values.</summary>
    private const double FiniteDifferences = 1e-7;

    private const double Step = 1e-5;

    /// <summary>
    /// One operator on some shapes: the first <paramref name="Leaves"/> inputs are differentiated, the others held fixed.
    /// </summary>
    private sealed record Case(string Operator, long[][] Shapes, int Leaves, bool Positive = false)
    {
        public override string ToString() => $"{Operator} {string.Join(" ", Shapes.Select(s => $"[{string.Join(",", s)}]"))}";
    }

    private static readonly Case[] _cases =
    [
        new("Scalar", [[2, 3]], 1),
        new("MatMul", [[2, 3, 4], [2, 4, 5]], 2),
        new("MatMul", [[3, 4], [2, 4, 5]], 2),
        new("MatMul", [[2, 3, 4], [4, 5]], 2),
        new("Transpose", [[2, 3, 4]], 1),
        new("Add", [[2, 3, 4], [2, 3, 4]], 2),
        new("Add", [[2, 3, 4], [1, 4]], 2),
        new("Add", [[1, 4], [2, 3, 4]], 2),
        new("Subtract", [[2, 3, 4], [2, 1, 4]], 2),
        new("Subtract", [[], [2, 3]], 2),
        new("Multiply", [[2, 3, 4], [3, 1]], 2),
        new("Multiply", [[2, 3, 4], []], 2),
        new("Divide", [[2, 3, 4], [2, 3, 4]], 2, Positive: true),
        new("Divide", [[2, 1, 4], [3, 1]], 2, Positive: true),
        new("AddScaled", [[2, 3, 4], [2, 3, 4]], 2),
        new("AddScaled", [[2, 3, 4], [1, 4]], 2),
        new("AddScaled", [[], []], 2),
        new("Scale", [[2, 3]], 1),
        new("Scale", [[]], 1),
        new("Shift", [[2, 3]], 1),
        new("Exp", [[2, 3]], 1),
        new("Log", [[2, 3]], 1, Positive: true),
        new("Erf", [[2, 3]], 1),
        new("Sqrt", [[2, 3]], 1, Positive: true),
        new("Tanh", [[2, 3]], 1),
        new("Sigmoid", [[2, 3]], 1),
        new("Relu", [[4, 5]], 1),
        new("Sign", [[4, 5]], 1),
        new("Softmax", [[2, 3, 4]], 1),
        new("CrossEntropy", [[2, 3, 4], [2, 3, 4]], 1),
        new("WeightedSum", [[2, 3, 4], [2, 3, 4]], 2),
        new("WeightedSum", [[], []], 2),
        new("QuadraticPull", [[2, 3, 4], [3, 1], [3, 1]], 3),
        new("QuadraticPull", [[2, 3, 4], [3, 4], []], 3),
        new("SquaredError", [[2, 3, 4], [2, 3, 4]], 1),
        new("SumLast", [[2, 3, 4]], 1),
        new("Mean", [[2, 3, 4]], 1),
        new("MeanOverImages", [[2, 3, 5, 4]], 1),
        new("ImagePositions", [[2, 3, 5, 4]], 1),
        new("Length", [[2, 3, 4]], 1),
        new("SplitLast", [[2, 3, 4]], 1),
        new("MergeLast", [[2, 3, 4]], 1),
        new("SplitRows", [[2, 6, 4]], 1),
        new("MergeRows", [[2, 2, 3, 4]], 1),
        new("Patches", [[2, 3, 20, 2]], 1),
        new("Unpatch", [[2, 3, 6, 18]], 1),
        new("Convolve", [[2, 3, 20, 2], [18, 3]], 2),
        new("Convolve", [[2, 3, 20, 2], [2, 18, 3]], 2),
        new("Normalize", [[2, 3, 5, 4]], 1),
        new("MaxPool", [[2, 3, 20, 9]], 1),
        new("NormalizeAdjoint", [[2, 3, 5, 4], [2, 3, 5, 4], [2, 3, 5, 4]], 3),
        new("ReluAdjoint", [[4, 5], [4, 5]], 2),
        new("SumTo", [[2, 3, 4], [3, 1]], 1),
        new("ExpandTo", [[3, 1], [2, 3, 4]], 1),
        new("PerTask", [[3, 4], [2, 5, 1]], 1),
        new("RepeatColumn", [[2, 3, 1], [2, 5, 4]], 1),
        new("ZerosLike", [[2, 3]], 1),
        new("Constant", [[2, 3]], 1),
        new("Spike", [[4, 5]], 1),
        new("StopGradient", [[2, 3]], 1),
        new("Steps", [[2, 5, 3, 4]], 1),
        new("Sequence", [[2, 5, 4], [2, 5, 4]], 2),
        new("Scan", [[2, 5, 3, 4], [2, 5, 4], [1, 4]], 3),
        new("Scan", [[2, 5, 3, 4], [2, 5, 4], []], 1),
    ];

    /// <summary>3×3 windows at every second pixel of images of 5 × 4: some reach outside, and pixels are seen by 1 to 4 of them.</summary>
    private static readonly PatchMap _windows = new(5, 4, size: 3, stride: 2, padding: 1);

    public static TheoryData<string> Cases => [.. _cases.Select(c => c.ToString())];

    [Fact]
    public void Cases_HoldEveryOperator() =>
        Assert.Equal(
            typeof(Ops<Tensor>).GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(m => m.IsVirtual && m.DeclaringType != typeof(object)).Select(m => m.Name).Order(),
            _cases.Select(c => c.Operator).Distinct().Order());

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradient_OfEveryOperator_EqualsFiniteDifferences(string name)
    {
        using var scope = NewDisposeScope();
        var (@case, inputs, weights) = Draw(name);

        var tape = new Tape<Tensor>(TorchOps.Instance);
        var tracked = Track(tape, @case, inputs);
        var gradient = tape.Gradient(Loss(tape, @case, tracked, tape.Constant(weights)), tracked.AsSpan(0, @case.Leaves));

        var numeric = Differences(inputs, @case.Leaves, () => Loss(TorchOps.Instance, @case, inputs, weights).ToNumber());
        AssertEqual(gradient, numeric);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradient_OfATapeOverATape_EqualsFiniteDifferencesOfTheFirstGradient(string name)
    {
        using var scope = NewDisposeScope();
        var (@case, inputs, weights) = Draw(name);
        var random = new Random(11);
        var directions = inputs.Take(@case.Leaves).Select(i => NormalTensors.Draw(random, i.shape)).ToArray();

        var outer = new Tape<Tensor>(TorchOps.Instance);
        var tracked = Track(outer, @case, inputs);
        var along = Directional(outer, @case, tracked, outer.Constant(weights), Array.ConvertAll(directions, outer.Constant));
        var second = outer.Gradient(along, tracked.AsSpan(0, @case.Leaves));

        var numeric = Differences(
            inputs, @case.Leaves, () => Directional(TorchOps.Instance, @case, inputs, weights, directions).ToNumber());
        AssertEqual(second, numeric);
    }

    [Theory]
    [InlineData("CrossEntropy")]
    [InlineData("SquaredError")]
    public void Loss_OfTrackedTargets_IsRefused(string name)
    {
        using var scope = NewDisposeScope();
        var @case = _cases.First(c => c.Operator == name) with { Leaves = 2 };
        var tape = new Tape<Tensor>(TorchOps.Instance);
        var tracked = Track(tape, @case, [ones(2, 3), ones(2, 3)]);
        var refusal = Assert.Throws<NotSupportedException>(() => Apply(tape, name, tracked));
        Assert.Contains("hold the targets fixed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradient_OfAUsedTwiceAndAnUnusedLeaf_AddsUpAndIsZero()
    {
        using var scope = NewDisposeScope();
        var tape = new Tape<Tensor>(TorchOps.Instance);
        var x = tape.Leaf(tensor(3.0));
        var unused = tape.Leaf(ones([2, 3], ScalarType.Float64));
        // x·x + 2·x + x, through number adjoints (AddScaled, Scale) and tensor adjoints (Multiply) in both orders.
        var loss = tape.Add(tape.AddScaled(tape.Multiply(x, x), x, 2), tape.Scale(x, 1));
        var gradient = tape.Gradient(loss, [x, unused]);
        Assert.Equal(9, gradient[0].ToNumber());
        Assert.Equal([2, 3], gradient[1].shape);
        Assert.Equal(0, gradient[1].abs().sum().ToNumber());
    }

    public static TheoryData<string, string, Activation> Networks
    {
        get
        {
            var data = new TheoryData<string, string, Activation>();
            foreach (var (learner, loss) in Zoo.SmoothLearnersAndLosses)
            {
                foreach (var activation in Enum.GetValues<Activation>())
                {
                    data.Add(learner, loss, activation);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradient_OfTheAugmentedLoss_EqualsAutograd(string learnerName, string loss, Activation activation)
    {
        using var scope = NewDisposeScope();
        const double beta = 0.3;
        var learner = Zoo.Create(learnerName, loss, activation);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        var start = new InnerProblem(learner, theta.Values, batch).InitialFast();
        var random = new Random(5);
        var phi = start.Select(t => t.Plus(NormalTensors.Draw(random, t.shape), 0.3).requires_grad_());
        var slow = theta.Values.Select(t => t.clone().requires_grad_());

        var oracle = new TorchOracle(learner, activation, Zoo.PullsPerRow(learnerName));
        var value = oracle.LearningLoss(phi, slow, batch.Support).Plus(oracle.EvaluationLoss(phi, slow, batch.Query), beta);
        Tensor[] leaves = [.. phi.Values, .. slow.Values];
        var expected = autograd.grad([value], leaves, null, retain_graph: false, create_graph: false, allow_unused: true)
            .Zip(leaves, (g, leaf) => g is null || g.IsInvalid ? zeros_like(leaf) : g).ToArray();

        using (no_grad())
        {
            var (fixedPhi, fixedSlow) = (phi.Select(t => t.detach()), slow.Select(t => t.detach()));
            var problem = new InnerProblem(learner, fixedSlow, batch);
            var fast = problem.FastGradient(fixedPhi, beta);
            Assert.InRange(Tolerance.RelativeDistance(fast, expected.Take(phi.Count)), 0, Tolerance.Rounding64);
            var actual = problem.SlowGradient(new PhaseEnd<Tensor>(fixedPhi, beta, 1));
            Assert.InRange(Tolerance.RelativeDistance(actual, expected.Skip(phi.Count)), 0, Tolerance.Rounding64);
        }
    }

    [Fact]
    public void Gradient_OfALoss_NeverComputesItsValue()
    {
        using var scope = NewDisposeScope();
        var ops = new RecordingOps();
        var learner = Zoo.Create("ComplexSynapse, fixed λ", "cross-entropy of episodes");
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks("cross-entropy of episodes");
        var consolidated = learner.Consolidated(TorchOps.Instance, theta.Values);
        var phi = learner.InitialFast(TorchOps.Instance, consolidated, batch.Support);

        AugmentedLoss.FastGradient(ops, learner, phi, consolidated, batch.Support, batch.Query, 0);

        string[] values = [nameof(ops.CrossEntropy), nameof(ops.WeightedSum), nameof(ops.QuadraticPull)];
        Assert.Empty(ops.Calls.Intersect(values));
        Assert.Contains(nameof(ops.Softmax), ops.Calls);
    }

    [Fact]
    public void Value_ReadTwice_IsComputedOnce()
    {
        using var scope = NewDisposeScope();
        var ops = new RecordingOps();
        var tape = new Tape<Tensor>(ops);
        var y = tape.Tanh(tape.Leaf(ones(2)));
        Assert.Empty(ops.Calls);
        Assert.Same(y.Value, y.Value);
        Assert.Equal([nameof(ops.Tanh)], ops.Calls);
    }

    [Theory]
    [InlineData("Patches", ScalarType.Float32)]
    [InlineData("Patches", ScalarType.Float64)]
    [InlineData("Unpatch", ScalarType.Float32)]
    [InlineData("Unpatch", ScalarType.Float64)]
    [InlineData("Normalize", ScalarType.Float32)]
    [InlineData("Normalize", ScalarType.Float64)]
    [InlineData("MaxPool", ScalarType.Float32)]
    [InlineData("MaxPool", ScalarType.Float64)]
    [InlineData("Relu", ScalarType.Float32)]
    [InlineData("Relu", ScalarType.Float64)]
    public void Loops_OverImages_EqualDenseOperatorsUnderAutograd(string name, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (_, inputs, weights) = Draw(_cases.Single(c => c.Operator == name).ToString());
        var (x, w) = (inputs[0].to(type), weights.to(type));
        // While autograd records, values are not at hand.
        var watched = x.clone().requires_grad_();
        var dense = Apply(TorchOps.Instance, name, [watched]);
        var expected = autograd.grad([dense.mul(w).sum()], [watched])[0];

        var tape = new Tape<Tensor>(TorchOps.Instance);
        var leaf = tape.Leaf(x);
        var looped = Apply(tape, name, [leaf]);
        var gradient = tape.Gradient(tape.WeightedSum(looped, tape.Constant(w)), [leaf])[0];

        var tolerance = type == ScalarType.Float32 ? 1e-5 : 1e-12;
        Assert.True(looped.Value.allclose(dense.detach(), tolerance, tolerance));
        Assert.True(gradient.allclose(expected, tolerance, tolerance));
        Assert.Equal(x.shape, gradient.shape);
    }

    [Theory]
    [InlineData(ImageNormalization.Layer)]
    [InlineData(ImageNormalization.Instance)]
    [InlineData(ImageNormalization.Transductive)]
    public void Normalize_OfManyPositionsFarFromZero_IsThatOfDoublePrecision(ImageNormalization normalization)
    {
        using var scope = NewDisposeScope();
        var exact = NormalTensors.Draw(new Random(1), [1, 50, 2000, 3]).Plus(20);
        var single = exact.to(ScalarType.Float32);
        var adjoint = NormalTensors.Draw(new Random(2), exact.shape);
        var ops = TorchOps.Instance;
        var (of64, of32) = (ops.Normalize(exact, normalization, 1e-5), ops.Normalize(single, normalization, 1e-5));
        Assert.InRange(of64.Minus(of32.to(ScalarType.Float64)).abs().max().ToNumber(), 0, 2e-5);
        var adjoint64 = ops.NormalizeAdjoint(exact, of64, adjoint, normalization, 1e-5);
        var adjoint32 = ops.NormalizeAdjoint(single, of32, adjoint.to(ScalarType.Float32), normalization, 1e-5);
        Assert.InRange(adjoint64.Minus(adjoint32.to(ScalarType.Float64)).abs().max().ToNumber(), 0, 2e-5);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(40)]
    public void MaxPool_OfAMapOfOtherImages_IsRefused(int positions)
    {
        using var scope = NewDisposeScope();
        var refusal = Assert.Throws<ArgumentException>(() => TorchOps.Instance.MaxPool(ones(1, 4, positions, 3), _windows));
        Assert.Contains("20 positions", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_ThatNobodyReads_AreNeverComputed()
    {
        using var scope = NewDisposeScope();
        var ops = new RecordingOps();
        var tape = new Tape<Tensor>(ops);
        foreach (var images in (Tracked<Tensor>[])[tape.Leaf(ones(1, 2, 20, 3)), tape.Constant(ones(1, 2, 20, 3))])
        {
            _ = tape.MaxPool(tape.Normalize(tape.Relu(images), ImageNormalization.Layer, 1e-5), _windows);
        }

        Assert.Empty(ops.Calls);
    }

    [Fact]
    public void Fork_OfATape_GoesOnWithoutChangingIt()
    {
        using var scope = NewDisposeScope();
        var tape = new Tape<Tensor>(TorchOps.Instance);
        var x = tape.Leaf(tensor(3.0));
        var square = tape.Multiply(x, x);
        foreach (var factor in (double[])[2, 5])
        {
            var fork = tape.Fork();
            Assert.Equal(6 * factor, fork.Gradient(fork.Scale(square, factor), [x])[0].ToNumber());
        }

        Assert.Equal(27, tape.Gradient(tape.Multiply(square, x), [x])[0].ToNumber());
    }

    [Fact]
    public void MaxPool_OfEqualValues_GivesTheGradientToTheLast()
    {
        using var scope = NewDisposeScope();
        var map = new PatchMap(2, 2, size: 2, stride: 2, padding: 0);
        var tape = new Tape<Tensor>(TorchOps.Instance);
        var leaf = tape.Leaf(tensor([1.0, 3, 3, 2], [1, 1, 4, 1]));
        var pooled = tape.MaxPool(leaf, map);
        var gradient = tape.Gradient(tape.WeightedSum(pooled, tape.Constant(ones_like(pooled.Value))), [leaf])[0];
        Assert.Equal([3.0], pooled.Value.data<double>().ToArray());
        Assert.Equal([0.0, 0, 1, 0], gradient.data<double>().ToArray());
    }

    private static (Case Case, Tensor[] Inputs, Tensor Weights) Draw(string name)
    {
        var @case = _cases.Single(c => c.ToString() == name);
        var random = new Random(3);
        var inputs = Array.ConvertAll(@case.Shapes, shape => NormalTensors.Draw(random, shape) is var normal && @case.Positive
            ? normal.tanh().Plus(1.5)
            // ReLU has no derivative at 0: keep the distance of a finite difference.
            : normal.Plus(normal.sign(), 0.01));
        if (@case.Operator == "CrossEntropy")
        {
            inputs[1] = inputs[1].softmax(-1);
        }

        return (@case, inputs, NormalTensors.Draw(random, Apply(TorchOps.Instance, @case.Operator, inputs).shape));
    }

    private static Tracked<Tensor>[] Track(Tape<Tensor> tape, Case @case, Tensor[] inputs) =>
        [.. inputs.Select((input, i) => i < @case.Leaves ? tape.Leaf(input) : tape.Constant(input))];

    /// <summary>½ Σ w (f(x) + 1)²: curved, so that operators which are linear have second derivatives too.</summary>
    private static V Loss<V>(Ops<V> ops, Case @case, V[] inputs, V weights)
    {
        var y = ops.Shift(Apply(ops, @case.Operator, inputs), 1);
        return ops.Scale(ops.WeightedSum(ops.Multiply(y, y), weights), 0.5);
    }

    /// <summary>Σ directions · ∂loss/∂inputs, the inner gradient taken by a tape over <paramref name="ops"/>.</summary>
    private static V Directional<V>(Ops<V> ops, Case @case, V[] inputs, V weights, V[] directions)
    {
        var tape = new Tape<V>(ops);
        Tracked<V>[] tracked = [.. inputs.Select((input, i) => i < @case.Leaves ? tape.Leaf(input) : tape.Constant(input))];
        var gradient = tape.Gradient(Loss(tape, @case, tracked, tape.Constant(weights)), tracked.AsSpan(0, @case.Leaves));
        return gradient.Zip(directions, ops.WeightedSum).Aggregate(ops.Add);
    }

    private static V Apply<V>(Ops<V> ops, string name, V[] x) => name switch
    {
        nameof(ops.Scalar) => ops.Multiply(x[0], ops.Scalar(1.5)),
        nameof(ops.MatMul) => ops.MatMul(x[0], x[1]),
        nameof(ops.Transpose) => ops.Transpose(x[0]),
        nameof(ops.Add) => ops.Add(x[0], x[1]),
        nameof(ops.Subtract) => ops.Subtract(x[0], x[1]),
        nameof(ops.Multiply) => ops.Multiply(x[0], x[1]),
        nameof(ops.Divide) => ops.Divide(x[0], x[1]),
        nameof(ops.AddScaled) => ops.AddScaled(x[0], x[1], -0.7),
        nameof(ops.Scale) => ops.Scale(x[0], -1.3),
        nameof(ops.Shift) => ops.Shift(x[0], 0.4),
        nameof(ops.Exp) => ops.Exp(x[0]),
        nameof(ops.Log) => ops.Log(x[0]),
        nameof(ops.Erf) => ops.Erf(x[0]),
        nameof(ops.Sqrt) => ops.Sqrt(x[0]),
        nameof(ops.Tanh) => ops.Tanh(x[0]),
        nameof(ops.Sigmoid) => ops.Sigmoid(x[0]),
        nameof(ops.Relu) => ops.Relu(x[0]),
        nameof(ops.Sign) => ops.Multiply(x[0], ops.Sign(x[0])),
        nameof(ops.Softmax) => ops.Softmax(x[0]),
        nameof(ops.CrossEntropy) => ops.CrossEntropy(x[0], x[1]),
        nameof(ops.WeightedSum) => ops.WeightedSum(x[0], x[1]),
        nameof(ops.QuadraticPull) => ops.QuadraticPull(x[0], x[1], x[2]),
        nameof(ops.SquaredError) => ops.SquaredError(x[0], x[1]),
        nameof(ops.SumLast) => ops.SumLast(x[0]),
        nameof(ops.Mean) => ops.Add(ops.Mean(x[0], -2), ops.Mean(x[0], -1)),
        nameof(ops.MeanOverImages) => ops.MeanOverImages(x[0]),
        nameof(ops.ImagePositions) => ops.Multiply(x[0], ops.ImagePositions(x[0])),
        nameof(ops.Length) => ops.Scale(x[0], ops.Length(x[0], -2)),
        nameof(ops.SplitLast) => ops.SplitLast(x[0], 2),
        nameof(ops.MergeLast) => ops.MergeLast(x[0]),
        nameof(ops.SplitRows) => ops.SplitRows(x[0], 3),
        nameof(ops.MergeRows) => ops.MergeRows(x[0]),
        nameof(ops.Patches) => ops.Patches(x[0], _windows),
        nameof(ops.Unpatch) => ops.Unpatch(x[0], _windows),
        nameof(ops.Convolve) => ops.Convolve(x[0], x[1], _windows),
        nameof(ops.Normalize) => ops.Add(
            ops.Normalize(x[0], ImageNormalization.Transductive, 0.1),
            ops.AddScaled(
                ops.Normalize(x[0], ImageNormalization.Layer, 0.01), ops.Normalize(x[0], ImageNormalization.Instance, 1e-5), 0.6)),
        nameof(ops.NormalizeAdjoint) => ops.NormalizeAdjoint(x[0], x[1], x[2], ImageNormalization.Layer, 0.1),
        nameof(ops.ReluAdjoint) => ops.ReluAdjoint(ops.Relu(x[0]), x[1]),
        nameof(ops.MaxPool) => ops.MaxPool(x[0], _windows),
        nameof(ops.SumTo) => ops.SumTo(x[0], x[1]),
        nameof(ops.ExpandTo) => ops.ExpandTo(x[0], x[1]),
        nameof(ops.PerTask) => ops.PerTask(x[0], x[1]),
        nameof(ops.RepeatColumn) => ops.RepeatColumn(x[0], x[1]),
        nameof(ops.ZerosLike) => ops.Add(x[0], ops.ZerosLike(x[0])),
        nameof(ops.Constant) => ops.Multiply(x[0], ops.Constant([1.5f, -2, 0.25f], [1, 3], x[0])),
        // Spikes far from the threshold, where they do not change; the pseudo-derivative near it has a test of its own.
        nameof(ops.Spike) => ops.Multiply(x[0], ops.Spike(x[0], new Surrogate(1e-3, 0.3))),
        // Of what has no derivative; what StopGradient does to others has a test of its own.
        nameof(ops.StopGradient) => ops.Multiply(x[0], ops.StopGradient(ops.Sign(x[0]))),
        nameof(ops.Steps) => ops.AddScaled(ops.Steps(x[0])[0], ops.Steps(x[0])[2], -0.6),
        nameof(ops.Sequence) => ops.Sequence([x[0], ops.Scale(x[1], 2), x[0]]),
        nameof(ops.Scan) => ops.Add(Recurrence(ops, x).Outputs[0], ops.SplitLast(Recurrence(ops, x).States[0], 4)),
        _ => throw new NotSupportedException($"Say here how to call {name}."),
    };

    /// <summary>s ← tanh(0.5 s + x · w), and the output 2 s.</summary>
    private static (V[] States, V[] Outputs) Recurrence<V>(Ops<V> ops, V[] x) => ops.Scan([x[1]], [x[0]], (now, state, input) =>
    {
        var next = now.Tanh(now.AddScaled(now.Multiply(input[0], x[2]), state[0], 0.5));
        return ([next], [now.Scale(next, 2)]);
    });

    [Fact]
    public void Spike_NearItsThreshold_HasThePseudoDerivativeOnTapeAndInAutograd()
    {
        using var scope = NewDisposeScope();
        var surrogate = new Surrogate(0.5, 0.3);
        // γ max(0, 1 − |v − ϑ| / ϑ): 0 at 0 and 1, γ at ϑ.
        var potentials = tensor([-0.2, 0.1, 0.4999, 0.75, 1.2]);
        double[] slopes = [0, 0.06, 0.3 * 0.9998, 0.15, 0];
        double[] spikes = [0, 0, 0, 1, 1];

        var tape = new Tape<Tensor>(TorchOps.Instance);
        var leaf = tape.Leaf(potentials);
        var spike = tape.Spike(leaf, surrogate);
        var gradient = tape.Gradient(tape.WeightedSum(spike, tape.Constant(ones_like(potentials))), [leaf])[0];
        Assert.Equal(spikes, spike.Value.data<double>().ToArray());
        Assert.All(gradient.data<double>().ToArray().Zip(slopes), pair => Assert.Equal(pair.Second, pair.First, 1e-12));

        var watched = potentials.clone().requires_grad_();
        var recorded = TorchOps.Instance.Spike(watched, surrogate);
        Assert.Equal(spikes, recorded.detach().data<double>().ToArray());
        Assert.All(
            autograd.grad([recorded.sum()], [watched])[0].data<double>().ToArray().Zip(slopes),
            pair => Assert.Equal(pair.Second, pair.First, 1e-12));
    }

    [Fact]
    public void Hold_OfALeaf_HasNoDerivativeOnTapeAndInAutograd()
    {
        using var scope = NewDisposeScope();
        var tape = new Tape<Tensor>(TorchOps.Instance);
        var x = tape.Leaf(tensor(3.0));
        Assert.Equal(3, tape.Gradient(tape.Multiply(x, tape.StopGradient(x)), [x])[0].ToNumber());
        var watched = tensor(3.0).requires_grad_();
        Assert.Equal(3, autograd.grad([watched.mul(TorchOps.Instance.StopGradient(watched))], [watched])[0].ToNumber());
    }

    /// <summary>
    /// Central differences of <paramref name="value"/> in each element of the first inputs, which are changed in place and put back.
    /// </summary>
    private static double[] Differences(Tensor[] inputs, int leaves, Func<double> value)
    {
        var differences = new List<double>();
        for (var i = 0; i < leaves; i++)
        {
            var element = inputs[i].reshape(-1);
            for (var e = 0L; e < element.numel(); e++)
            {
                differences.Add((Shifted(element, e, Step, value) - Shifted(element, e, -Step, value)) / (2 * Step));
            }
        }

        return [.. differences];
    }

    private static double Shifted(Tensor flat, long element, double by, Func<double> value)
    {
        using var scope = NewDisposeScope();
        flat[element].add_(tensor(by));
        var shifted = value();
        flat[element].sub_(tensor(by));
        return shifted;
    }

    private static void AssertEqual(Tensor[] gradient, double[] expected)
    {
        double[] actual = [.. gradient.SelectMany(g => g.contiguous().data<double>().ToArray())];
        Assert.Equal(expected.Length, actual.Length);
        var scale = 1 + expected.Max(Math.Abs);
        Assert.All(
            actual.Zip(expected),
            pair => Assert.InRange(pair.First, pair.Second - (FiniteDifferences * scale), pair.Second + (FiniteDifferences * scale)));
        Assert.Contains(expected, e => Math.Abs(e) > FiniteDifferences);
    }
}
