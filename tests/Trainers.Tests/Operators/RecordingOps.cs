using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Operators;

/// <summary>Torch operators that write down which of them were called.</summary>
internal sealed class RecordingOps : Ops<Tensor>
{
    private readonly List<string> _calls = [];

    public IReadOnlyList<string> Calls => _calls;

    public override Tensor Scalar(double value) => Note(nameof(Scalar), TorchOps.Instance.Scalar(value));

    public override Tensor Add(Tensor a, Tensor b) => Note(nameof(Add), TorchOps.Instance.Add(a, b));

    public override Tensor Subtract(Tensor a, Tensor b) => Note(nameof(Subtract), TorchOps.Instance.Subtract(a, b));

    public override Tensor Multiply(Tensor a, Tensor b) => Note(nameof(Multiply), TorchOps.Instance.Multiply(a, b));

    public override Tensor Divide(Tensor a, Tensor b) => Note(nameof(Divide), TorchOps.Instance.Divide(a, b));

    public override Tensor AddScaled(Tensor a, Tensor b, double factor) =>
        Note(nameof(AddScaled), TorchOps.Instance.AddScaled(a, b, factor));

    public override Tensor Scale(Tensor a, double factor) => Note(nameof(Scale), TorchOps.Instance.Scale(a, factor));

    public override Tensor Shift(Tensor a, double offset) => Note(nameof(Shift), TorchOps.Instance.Shift(a, offset));

    public override Tensor Sqrt(Tensor a) => Note(nameof(Sqrt), TorchOps.Instance.Sqrt(a));

    public override Tensor ZerosLike(Tensor like) => Note(nameof(ZerosLike), TorchOps.Instance.ZerosLike(like));

    public override Tensor MatMul(Tensor a, Tensor b) => Note(nameof(MatMul), TorchOps.Instance.MatMul(a, b));

    public override Tensor Transpose(Tensor a) => Note(nameof(Transpose), TorchOps.Instance.Transpose(a));

    public override Tensor Exp(Tensor a) => Note(nameof(Exp), TorchOps.Instance.Exp(a));

    public override Tensor Log(Tensor a) => Note(nameof(Log), TorchOps.Instance.Log(a));

    public override Tensor Erf(Tensor a) => Note(nameof(Erf), TorchOps.Instance.Erf(a));

    public override Tensor Tanh(Tensor a) => Note(nameof(Tanh), TorchOps.Instance.Tanh(a));

    public override Tensor Sigmoid(Tensor a) => Note(nameof(Sigmoid), TorchOps.Instance.Sigmoid(a));

    public override Tensor Relu(Tensor a) => Note(nameof(Relu), TorchOps.Instance.Relu(a));

    public override Tensor Sign(Tensor a) => Note(nameof(Sign), TorchOps.Instance.Sign(a));

    public override Tensor Softmax(Tensor a) => Note(nameof(Softmax), TorchOps.Instance.Softmax(a));

    public override Tensor CrossEntropy(Tensor logits, Tensor targets) =>
        Note(nameof(CrossEntropy), TorchOps.Instance.CrossEntropy(logits, targets));

    public override Tensor WeightedSum(Tensor a, Tensor weights) => Note(nameof(WeightedSum), TorchOps.Instance.WeightedSum(a, weights));

    public override Tensor QuadraticPull(Tensor a, Tensor centre, Tensor strength) =>
        Note(nameof(QuadraticPull), TorchOps.Instance.QuadraticPull(a, centre, strength));

    public override Tensor SquaredError(Tensor predictions, Tensor targets) =>
        Note(nameof(SquaredError), TorchOps.Instance.SquaredError(predictions, targets));

    public override Tensor SumLast(Tensor a) => Note(nameof(SumLast), TorchOps.Instance.SumLast(a));

    public override Tensor Mean(Tensor a, int axis) => Note(nameof(Mean), TorchOps.Instance.Mean(a, axis));

    public override int Length(Tensor a, int axis) => Note(nameof(Length), TorchOps.Instance.Length(a, axis));

    public override Tensor SplitLast(Tensor a, int inner) => Note(nameof(SplitLast), TorchOps.Instance.SplitLast(a, inner));

    public override Tensor MergeLast(Tensor a) => Note(nameof(MergeLast), TorchOps.Instance.MergeLast(a));

    public override Tensor SumTo(Tensor a, Tensor like) => Note(nameof(SumTo), TorchOps.Instance.SumTo(a, like));

    public override Tensor ExpandTo(Tensor a, Tensor like) => Note(nameof(ExpandTo), TorchOps.Instance.ExpandTo(a, like));

    public override Tensor PerTask(Tensor shared, Tensor batch) => Note(nameof(PerTask), TorchOps.Instance.PerTask(shared, batch));

    public override Tensor RepeatColumn(Tensor column, Tensor like) =>
        Note(nameof(RepeatColumn), TorchOps.Instance.RepeatColumn(column, like));

    public override Tensor Constant(float[] values, long[] shape, Tensor like) =>
        Note(nameof(Constant), TorchOps.Instance.Constant(values, shape, like));

    public override Tensor StopGradient(Tensor a) => Note(nameof(StopGradient), TorchOps.Instance.StopGradient(a));

    internal override Tensor Spike(Tensor a, Surrogate surrogate) => Note(nameof(Spike), TorchOps.Instance.Spike(a, surrogate));

    public override Tensor SplitRows(Tensor a, int positions) => Note(nameof(SplitRows), TorchOps.Instance.SplitRows(a, positions));

    public override Tensor MergeRows(Tensor a) => Note(nameof(MergeRows), TorchOps.Instance.MergeRows(a));

    public override Tensor Patches(Tensor images, PatchMap map) => Note(nameof(Patches), TorchOps.Instance.Patches(images, map));

    public override Tensor MeanOverImages(Tensor images) => Note(nameof(MeanOverImages), TorchOps.Instance.MeanOverImages(images));

    internal override Tensor Unpatch(Tensor patches, PatchMap map) => Note(nameof(Unpatch), TorchOps.Instance.Unpatch(patches, map));

    internal override Tensor ImagePositions(Tensor images) => Note(nameof(ImagePositions), TorchOps.Instance.ImagePositions(images));

    public override Tensor[] Steps(Tensor sequence) => Note(nameof(Steps), TorchOps.Instance.Steps(sequence));

    public override Tensor Sequence(Tensor[] steps) => Note(nameof(Sequence), TorchOps.Instance.Sequence(steps));

    public override (Tensor[] States, Tensor[] Outputs) Scan(
        Tensor[] states, Tensor[] inputs, Func<Ops<Tensor>, Tensor[], Tensor[], (Tensor[] States, Tensor[] Outputs)> step) =>
        Note(nameof(Scan), TorchOps.Instance.Scan(states, inputs, step));

    private T Note<T>(string name, T result)
    {
        _calls.Add(name);
        return result;
    }
}
