using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers.Operators;

/// <summary>Reverse-mode differentiation of anything written in <see cref="Ops{V}"/>.</summary>
/// <remarks>
/// <para>The derivative of every operator is again written in <see cref="Ops{V}"/>. So on torch it costs the tensor operations
/// of a gradient written by hand, without the bookkeeping of autograd; on ONNX it yields the nodes of the gradient; and a
/// tape over a tape gives second derivatives.</para>
/// <para>Cost: at most about twice the forward pass, and only along paths that lead to a leaf.</para>
/// </remarks>
internal sealed class Tape<V>(Ops<V> ops) : Ops<Tracked<V>>
{
    private readonly List<Action<Adjoints>> _backward = [];

    private Tape(Tape<V> whole, Ops<V> ops)
        : this(ops) => _backward.AddRange(whole._backward);

    /// <summary>
    /// A tape that goes on where this one is, without changing it: values of this one belong to it too, but not the other way round.
    /// </summary>
    public Tape<V> Fork() => new(this, ops);

    /// <summary>A value to differentiate with respect to.</summary>
    public Tracked<V> Leaf(V value)
    {
        _backward.Add(static _ => { });
        return new Tracked<V>(value, _backward.Count - 1);
    }

    /// <summary>A value that is held fixed.</summary>
    public Tracked<V> Constant(V value) => new(value, -1);

    public NamedValues<Tracked<V>> Leaves(NamedValues<V> values) => values.Select(Leaf);

    public NamedValues<Tracked<V>> Constants(NamedValues<V> values) => values.Select(Constant);

    /// <summary>The same for rows.</summary>
    public Rows<Tracked<V>> Constants(Rows<V> rows) => new(Constant(rows.Features), Constant(rows.Targets), Constant(rows.Weights));

    /// <summary>
    /// ∂loss/∂leaf for each leaf; <paramref name="loss"/> has rank 0. A leaf that the loss does not depend on gets zeros.
    /// </summary>
    public V[] Gradient(Tracked<V> loss, ReadOnlySpan<Tracked<V>> leaves)
    {
        var adjoints = new Adjoints(ops, _backward.Count);
        if (loss.IsActive)
        {
            adjoints.AddFactor(loss, 1);
            for (var node = loss.Node; node >= 0; node--)
            {
                if (adjoints.Reaches(node))
                {
                    _backward[node](adjoints);
                }
            }
        }

        var gradient = new V[leaves.Length];
        for (var i = 0; i < leaves.Length; i++)
        {
            gradient[i] = adjoints.Reaches(leaves[i].Node) ? adjoints.Of(leaves[i].Node) : ops.ZerosLike(leaves[i].Value);
        }

        return gradient;
    }

    public override Tracked<V> Scalar(double value) => Constant(ops.Scalar(value));

    public override Tracked<V> MatMul(Tracked<V> a, Tracked<V> b) => Record(() => ops.MatMul(a.Value, b.Value), a, b, (all, g) =>
    {
        all.Add(a, () => ops.SumTo(ops.MatMul(g(), ops.Transpose(b.Value)), a.Value));
        all.Add(b, () => ops.SumTo(ops.MatMul(ops.Transpose(a.Value), g()), b.Value));
    });

    public override Tracked<V> Transpose(Tracked<V> a) => Unary(a, ops.Transpose, (g, _) => ops.Transpose(g));

    public override Tracked<V> Add(Tracked<V> a, Tracked<V> b) => AddScaled(a, b, 1);

    public override Tracked<V> Subtract(Tracked<V> a, Tracked<V> b) => Record(() => ops.Subtract(a.Value, b.Value), a, b, (all, g) =>
    {
        all.Add(a, () => ops.SumTo(g(), a.Value));
        all.Add(b, () => ops.Scale(ops.SumTo(g(), b.Value), -1));
    });

    public override Tracked<V> Multiply(Tracked<V> a, Tracked<V> b) => Record(() => ops.Multiply(a.Value, b.Value), a, b, (all, g) =>
    {
        all.Add(a, () => ops.SumTo(ops.Multiply(g(), b.Value), a.Value));
        all.Add(b, () => ops.SumTo(ops.Multiply(g(), a.Value), b.Value));
    });

    public override Tracked<V> Divide(Tracked<V> a, Tracked<V> b)
    {
        Tracked<V>? quotient = null;
        quotient = Record(() => ops.Divide(a.Value, b.Value), a, b, (all, g) =>
        {
            all.Add(a, () => ops.SumTo(ops.Divide(g(), b.Value), a.Value));
            all.Add(b, () => ops.Scale(ops.SumTo(ops.Divide(ops.Multiply(g(), quotient!.Value), b.Value), b.Value), -1));
        });
        return quotient;
    }

    public override Tracked<V> AddScaled(Tracked<V> a, Tracked<V> b, double factor)
    {
        if (!a.IsActive && !b.IsActive)
        {
            return Inactive(() => Sum());
        }

        Tracked<V>? sum = null;
        sum = Push(() => Sum(), all =>
        {
            // Sums of losses pass a plain number back; it meets a tensor only where a loss does.
            if (all.FactorOf(sum!.Node) is { } number)
            {
                all.AddFactor(a, number);
                all.AddFactor(b, number * factor);
            }
            else
            {
                all.Add(a, () => ops.SumTo(all.Of(sum.Node), a.Value));
                all.Add(b, () => Scaled(ops.SumTo(all.Of(sum.Node), b.Value), factor));
            }
        });
        return sum;

        V Sum() => factor == 1 ? ops.Add(a.Value, b.Value) : ops.AddScaled(a.Value, b.Value, factor);
    }

    public override Tracked<V> Scale(Tracked<V> a, double factor)
    {
        if (!a.IsActive)
        {
            return Inactive(() => ops.Scale(a.Value, factor));
        }

        Tracked<V>? scaled = null;
        scaled = Push(() => ops.Scale(a.Value, factor), all =>
        {
            if (all.FactorOf(scaled!.Node) is { } number)
            {
                all.AddFactor(a, number * factor);
            }
            else
            {
                all.Add(a, () => ops.Scale(all.Of(scaled.Node), factor));
            }
        });
        return scaled;
    }

    public override Tracked<V> Shift(Tracked<V> a, double offset) => Unary(a, v => ops.Shift(v, offset), (g, _) => g);

    public override Tracked<V> Exp(Tracked<V> a) => Unary(a, ops.Exp, (g, y) => ops.Multiply(g, y.Value));

    public override Tracked<V> Log(Tracked<V> a) => Unary(a, ops.Log, (g, _) => ops.Divide(g, a.Value));

    // d erf(x)/dx = 2/√π · exp(−x²)
    public override Tracked<V> Erf(Tracked<V> a) => Unary(a, ops.Erf, (g, _) =>
        ops.Scale(ops.Multiply(g, ops.Exp(ops.Scale(ops.Multiply(a.Value, a.Value), -1))), 2 / Math.Sqrt(Math.PI)));

    public override Tracked<V> Sqrt(Tracked<V> a) => Unary(a, ops.Sqrt, (g, y) => ops.Scale(ops.Divide(g, y.Value), 0.5));

    public override Tracked<V> Tanh(Tracked<V> a) =>
        Unary(a, ops.Tanh, (g, y) => ops.Subtract(g, ops.Multiply(g, ops.Multiply(y.Value, y.Value))));

    public override Tracked<V> Sigmoid(Tracked<V> a) =>
        Unary(a, ops.Sigmoid, (g, y) => ops.Multiply(g, ops.Subtract(y.Value, ops.Multiply(y.Value, y.Value))));

    public override Tracked<V> Relu(Tracked<V> a) => Unary(a, ops.Relu, (g, y) => ops.ReluAdjoint(y.Value, g));

    /// <summary>Piecewise constant: its derivative is zero almost everywhere, so the tape holds it fixed.</summary>
    public override Tracked<V> Sign(Tracked<V> a) => Inactive(() => ops.Sign(a.Value));

    public override Tracked<V> Softmax(Tracked<V> a) => Unary(a, ops.Softmax, (g, y) => SoftmaxAdjoint(g, y.Value));

    // ∂CE/∂logits = (softmax − targets) · g for targets that sum to 1 over the last axis.
    public override Tracked<V> CrossEntropy(Tracked<V> logits, Tracked<V> targets) => targets.IsActive
        ? throw TrainerThrow.GradientOfTargets(nameof(CrossEntropy), nameof(logits))
        : Unary(logits, v => ops.CrossEntropy(v, targets.Value), (g, _) =>
            ops.Multiply(ops.Subtract(ops.Softmax(logits.Value), targets.Value), g));

    public override Tracked<V> WeightedSum(Tracked<V> a, Tracked<V> weights) =>
        Loss(() => ops.WeightedSum(a.Value, weights.Value), [a, weights], (all, scaled) =>
    {
        all.Add(a, () => scaled(weights.Value));
        all.Add(weights, () => scaled(a.Value));
    });

    public override Tracked<V> QuadraticPull(Tracked<V> a, Tracked<V> centre, Tracked<V> strength) =>
        Loss(() => ops.QuadraticPull(a.Value, centre.Value, strength.Value), [a, centre, strength], (all, scaled) =>
        {
            all.Add(a, () => scaled(Force()));
            all.Add(centre, () => ops.Scale(ops.SumTo(scaled(Force()), centre.Value), -1));
            all.Add(strength, () => ops.SumTo(scaled(ops.Scale(Square(Distance()), 0.5)), strength.Value));

            V Distance() => ops.Subtract(a.Value, centre.Value);
            V Force() => ops.Multiply(Distance(), strength.Value);
            V Square(V v) => ops.Multiply(v, v);
        });

    public override Tracked<V> SquaredError(Tracked<V> predictions, Tracked<V> targets) => targets.IsActive
        ? throw TrainerThrow.GradientOfTargets(nameof(SquaredError), nameof(predictions))
        : Unary(predictions, v => ops.SquaredError(v, targets.Value), (g, _) =>
            ops.Scale(ops.Multiply(ops.Subtract(predictions.Value, targets.Value), g), 2.0 / ops.Length(predictions.Value, -1)));

    public override Tracked<V> SumLast(Tracked<V> a) => Unary(a, ops.SumLast, (g, _) => ops.ExpandTo(g, a.Value));

    public override Tracked<V> Mean(Tracked<V> a, int axis) =>
        Unary(a, v => ops.Mean(v, axis), (g, _) => ops.Scale(ops.ExpandTo(g, a.Value), 1.0 / ops.Length(a.Value, axis)));

    public override Tracked<V> MeanOverImages(Tracked<V> images) => Unary(
        images, ops.MeanOverImages, (g, _) => ops.ExpandTo(ops.Divide(g, ops.ImagePositions(images.Value)), images.Value));

    public override Tracked<V> Normalize(Tracked<V> images, ImageNormalization normalization, double epsilon) =>
        normalization == ImageNormalization.None
            ? images
            : Unary(images, v => ops.Normalize(v, normalization, epsilon), (g, y) =>
                ops.NormalizeAdjoint(images.Value, y.Value, g, normalization, epsilon));

    public override Tracked<V> MaxPool(Tracked<V> images, PatchMap map) => ops is HostOps<V> host
        ? Unary(images, v => ops.MaxPool(v, map), (g, y) => host.MaxPoolAdjoint(images.Value, y.Value, g, map))
        : base.MaxPool(images, map);

    internal override Tracked<V> ImagePositions(Tracked<V> images) => Inactive(() => ops.ImagePositions(images.Value));

    public override int Length(Tracked<V> a, int axis) => ops.Length(a.Value, axis);

    public override Tracked<V> SplitLast(Tracked<V> a, int inner) => Unary(a, v => ops.SplitLast(v, inner), (g, _) => ops.MergeLast(g));

    public override Tracked<V> MergeLast(Tracked<V> a) => Unary(a, ops.MergeLast, (g, _) => ops.SplitLast(g, ops.Length(a.Value, -1)));

    public override Tracked<V> SplitRows(Tracked<V> a, int positions) =>
        Unary(a, v => ops.SplitRows(v, positions), (g, _) => ops.MergeRows(g));

    public override Tracked<V> MergeRows(Tracked<V> a) => Unary(a, ops.MergeRows, (g, _) => ops.SplitRows(g, ops.Length(a.Value, -2)));

    public override Tracked<V> Patches(Tracked<V> images, PatchMap map) =>
        Unary(images, v => ops.Patches(v, map), (g, _) => ops.Unpatch(g, map));

    internal override Tracked<V> Unpatch(Tracked<V> patches, PatchMap map) =>
        Unary(patches, v => ops.Unpatch(v, map), (g, _) => ops.Patches(g, map));

    public override Tracked<V> SumTo(Tracked<V> a, Tracked<V> like) =>
        Unary(a, v => ops.SumTo(v, like.Value), (g, _) => ops.ExpandTo(g, a.Value));

    public override Tracked<V> ExpandTo(Tracked<V> a, Tracked<V> like) =>
        Unary(a, v => ops.ExpandTo(v, like.Value), (g, _) => ops.SumTo(g, a.Value));

    public override Tracked<V> PerTask(Tracked<V> shared, Tracked<V> batch) =>
        Unary(shared, v => ops.PerTask(v, batch.Value), (g, _) => ops.SumTo(g, shared.Value));

    public override Tracked<V> RepeatColumn(Tracked<V> column, Tracked<V> like) =>
        Unary(column, v => ops.RepeatColumn(v, like.Value), (g, _) => ops.SumTo(g, column.Value));

    public override Tracked<V> ZerosLike(Tracked<V> like) => Inactive(() => ops.ZerosLike(like.Value));

    public override Tracked<V> Constant(float[] values, long[] shape, Tracked<V> like) =>
        Inactive(() => ops.Constant(values, shape, like.Value));

    internal override Tracked<V> Spike(Tracked<V> a, Surrogate surrogate) =>
        Unary(a, v => ops.Spike(v, surrogate), (g, _) => ops.Multiply(g, surrogate.Slope(ops, a.Value)));

    public override Tracked<V> StopGradient(Tracked<V> a) => Inactive(() => ops.StopGradient(a.Value));

    public override Tracked<V>[] Steps(Tracked<V> sequence)
    {
        var steps = ops.Steps(sequence.Value);
        if (!sequence.IsActive)
        {
            return Array.ConvertAll(steps, Constant);
        }

        // The steps come after the sequence's split on the tape, so that their adjoints are complete when the split collects them.
        Tracked<V>[]? parts = null;
        var split = Push(() => sequence.Value, all => all.Add(sequence, () => ops.Sequence(
            Array.ConvertAll(parts!, p => all.Reaches(p.Node) ? all.Of(p.Node) : ops.ZerosLike(p.Value)))));
        parts = Array.ConvertAll(steps, step => Push(() => step, all => all.MarkReached(split)));
        return parts;
    }

    public override Tracked<V> Sequence(Tracked<V>[] steps)
    {
        if (!Array.Exists(steps, s => s.IsActive))
        {
            return Inactive(Value);
        }

        Tracked<V>? sequence = null;
        sequence = Push(Value, all =>
        {
            var parts = ops.Steps(all.Of(sequence!.Node));
            for (var t = 0; t < steps.Length; t++)
            {
                var part = parts[t];
                all.Add(steps[t], () => part);
            }
        });
        return sequence;

        V Value() => ops.Sequence(Array.ConvertAll(steps, s => s.Value));
    }

    /// <summary>Step by step: that is backpropagation through time.</summary>
    public override (Tracked<V>[] States, Tracked<V>[] Outputs) Scan(
        Tracked<V>[] states, Tracked<V>[] inputs, Func<Ops<Tracked<V>>, Tracked<V>[], Tracked<V>[],
        (Tracked<V>[] States, Tracked<V>[] Outputs)> step) =>
        UnrolledScan.Scan(this, states, inputs, step);

    // softmax: dx = y · (g − Σ g·y)
    private V SoftmaxAdjoint(V g, V y)
    {
        var product = ops.Multiply(g, y);
        return ops.Subtract(product, ops.Multiply(y, ops.SumLast(product)));
    }

    // backward gets the result unread: most derivatives do not need its value, which then is never computed.
    private Tracked<V> Unary(Tracked<V> a, Func<V, V> forward, Func<V, Tracked<V>, V> backward)
    {
        if (!a.IsActive)
        {
            return Inactive(() => forward(a.Value));
        }

        Tracked<V>? result = null;
        result = Push(() => forward(a.Value), all => all.Add(a, () => backward(all.Of(result!.Node), result)));
        return result;
    }

    private Tracked<V> Record(Func<V> forward, Tracked<V> a, Tracked<V> b, Action<Adjoints, Func<V>> backward)
    {
        if (!a.IsActive && !b.IsActive)
        {
            return Inactive(forward);
        }

        Tracked<V>? result = null;
        result = Push(forward, all => backward(all, () => all.Of(result!.Node)));
        return result;
    }

    /// <summary>A rank-0 value: its adjoint usually is a plain number, which scales what it passes back.</summary>
    private Tracked<V> Loss(Func<V> forward, Tracked<V>[] inputs, Action<Adjoints, Func<V, V>> backward)
    {
        if (!Array.Exists(inputs, i => i.IsActive))
        {
            return Inactive(forward);
        }

        Tracked<V>? result = null;
        result = Push(forward, all => backward(all, v =>
            all.FactorOf(result!.Node) is { } number ? Scaled(v, number) : ops.Multiply(v, all.Of(result.Node))));
        return result;
    }

    private V Scaled(V v, double factor) => factor == 1 ? v : ops.Scale(v, factor);

    private Tracked<V> Push(Func<V> forward, Action<Adjoints> backward)
    {
        _backward.Add(backward);
        return new Tracked<V>(forward, _backward.Count - 1);
    }

    private static Tracked<V> Inactive(Func<V> forward) => new(forward, -1);

    /// <summary>∂loss/∂node during one backward pass: a number where a rank-0 node has only met rank-0 nodes, else a value.</summary>
    private sealed class Adjoints(Ops<V> ops, int nodes)
    {
        private readonly double?[] _factors = new double?[nodes];
        private readonly V?[] _values = new V?[nodes];
        private readonly bool[] _hasValue = new bool[nodes];

        public bool Reaches(int node) => node >= 0 && (_hasValue[node] || _factors[node] is not null);

        public double? FactorOf(int node) => _hasValue[node] ? null : _factors[node];

        public V Of(int node)
        {
            if (!_hasValue[node])
            {
                Set(node, ops.Scalar(_factors[node]!.Value));
            }

            return _values[node]!;
        }

        /// <summary>Has the target's backward step run, whatever its adjoint: it collects those of others.</summary>
        public void MarkReached(Tracked<V> target) => _factors[target.Node] ??= 0;

        public void AddFactor(Tracked<V> target, double factor)
        {
            if (!target.IsActive)
            {
                return;
            }

            if (_hasValue[target.Node])
            {
                _values[target.Node] = ops.Shift(_values[target.Node]!, factor);
            }
            else
            {
                _factors[target.Node] = (_factors[target.Node] ?? 0) + factor;
            }
        }

        public void Add(Tracked<V> target, Func<V> contribution)
        {
            if (!target.IsActive)
            {
                return;
            }

            var value = contribution();
            Set(target.Node, Reaches(target.Node) ? ops.Add(Of(target.Node), value) : value);
        }

        private void Set(int node, V value)
        {
            _values[node] = value;
            _hasValue[node] = true;
        }
    }
}
