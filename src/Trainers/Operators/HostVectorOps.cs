using System.Numerics.Tensors;

namespace MLNetMeta.Trainers.Operators;

/// <summary>Element-wise operators in managed memory: what updates θ needs no tensor library.</summary>
internal sealed class HostVectorOps : ElementwiseOps<HostVector>
{
    private delegate void OfVectors(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result);

    private delegate void OfVectorAndNumber(ReadOnlySpan<float> a, float b, Span<float> result);

    private delegate void OfNumberAndVector(float a, ReadOnlySpan<float> b, Span<float> result);

    public static HostVectorOps Instance { get; } = new();

    public override HostVector Scalar(double value) => new(null, value);

    public override HostVector Add(HostVector a, HostVector b) => Combine(
        a, b, TensorPrimitives.Add, TensorPrimitives.Add, (number, vector, result) =>
            TensorPrimitives.Add(vector, number, result), (x, y) => x + y);

    public override HostVector Subtract(HostVector a, HostVector b) => Combine(
        a, b, TensorPrimitives.Subtract, TensorPrimitives.Subtract, TensorPrimitives.Subtract, (x, y) => x - y);

    public override HostVector Multiply(HostVector a, HostVector b) => Combine(
        a, b, TensorPrimitives.Multiply, TensorPrimitives.Multiply, (number, vector, result) =>
            TensorPrimitives.Multiply(vector, number, result),
        (x, y) => x * y);

    public override HostVector Divide(HostVector a, HostVector b) => Combine(
        a, b, TensorPrimitives.Divide, TensorPrimitives.Divide, TensorPrimitives.Divide, (x, y) => x / y);

    public override HostVector AddScaled(HostVector a, HostVector b, double factor)
    {
        if (a.Elements is not { } to || b.Elements is not { } added)
        {
            return Add(a, Scale(b, factor));
        }

        var result = new float[to.Length];
        TensorPrimitives.MultiplyAdd(added, (float)factor, to, result);
        return result;
    }

    public override HostVector Scale(HostVector a, double factor) => Multiply(a, Scalar(factor));

    public override HostVector Shift(HostVector a, double offset) => Add(a, Scalar(offset));

    public override HostVector Sqrt(HostVector a)
    {
        if (a.Elements is not { } elements)
        {
            return Scalar(Math.Sqrt(a.Number));
        }

        var result = new float[elements.Length];
        TensorPrimitives.Sqrt<float>(elements, result);
        return result;
    }

    public override HostVector ZerosLike(HostVector like) => like.Elements is { } elements ? new float[elements.Length] : Scalar(0);

    private static HostVector Combine(
        HostVector a, HostVector b, OfVectors vectors, OfVectorAndNumber withNumber, OfNumberAndVector ofNumber,
        Func<double, double, double> numbers)
    {
        if (a.Elements is null && b.Elements is null)
        {
            return new(null, numbers(a.Number, b.Number));
        }

        var result = new float[(a.Elements ?? b.Elements!).Length];
        if (a.Elements is null)
        {
            ofNumber((float)a.Number, b.Elements, result);
        }
        else if (b.Elements is null)
        {
            withNumber(a.Elements, (float)b.Number, result);
        }
        else
        {
            vectors(a.Elements, b.Elements, result);
        }

        return result;
    }
}
