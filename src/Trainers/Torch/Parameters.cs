using System.Collections.Immutable;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Operators;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Torch;

/// <summary>Named, ordered tensors of the torch backend with their arithmetic: θ without, φ with a leading task axis.</summary>
/// <remarks>Immutable and owner of its tensors. Arithmetic refuses lists whose names or shapes differ.</remarks>
internal sealed class Parameters : IDisposable
{
    public Parameters(NamedValues<Tensor> values)
    {
        Values = values.Select(v => v.DetachFromDisposeScope());
    }

    public NamedValues<Tensor> Values { get; }

    public ImmutableArray<string> Names => Values.Names;

    public Tensor this[string name] => Values[name];

    /// <summary>Number of scalars in all tensors.</summary>
    public long Size => Values.Values.Sum(v => v.numel());

    /// <summary>The parameters that a vector holds, one after the other.</summary>
    /// <param name="specs">Names and shapes.</param>
    /// <param name="vector">As many numbers as all of them have.</param>
    /// <param name="device">Where the tensors lie; CPU by default.</param>
    public static Parameters Of(ImmutableArray<ParameterSpec> specs, ReadOnlySpan<float> vector, Device? device = null)
    {
        using var scope = NewDisposeScope();
        var values = new Tensor[specs.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var size = (int)specs[i].Size;
            values[i] = tensor(vector[..size].ToArray(), [.. specs[i].Shape], device: device);
            vector = vector[size..];
        }

        return new Parameters(new NamedValues<Tensor>([.. specs.Select(spec => spec.Name)], values));
    }

    /// <summary>All numbers, one tensor after the other, in single precision.</summary>
    public float[] ToVector()
    {
        using var scope = NewDisposeScope();
        var vector = new float[Size];
        var rest = vector.AsSpan();
        foreach (var value in Values.Values)
        {
            var numbers = value.ToHost().Values;
            numbers.CopyTo(rest);
            rest = rest[numbers.Length..];
        }

        return vector;
    }

    /// <summary>Copies of the tensors with another owner.</summary>
    public Parameters Clone() => Map(v => v.clone());

    public Parameters ZerosLike() => Map(v => zeros_like(v));

    public Parameters Add(Parameters other) => Zip(other, (a, b) => a.Plus(b));

    public Parameters AddScaled(Parameters other, double factor) => Zip(other, (a, b) => a.Plus(b, factor));

    public Parameters Scale(double factor) => Map(v => v.Times(factor));

    /// <summary>Euclidean norm over all tensors.</summary>
    public double Norm()
    {
        using var scope = NewDisposeScope();
        return Math.Sqrt(Values.Values.Sum(v => v.Squared().sum().ToNumber()));
    }

    /// <summary>Σ of the element-wise products.</summary>
    public double Dot(Parameters other)
    {
        Check(other);
        using var scope = NewDisposeScope();
        return Values.Values.Zip(other.Values.Values, (a, b) => a.mul(b).sum().ToNumber()).Sum();
    }

    public bool IsFinite()
    {
        using var scope = NewDisposeScope();
        return Array.TrueForAll(Values.Values, v => v.isfinite().all().ToTruth());
    }

    public Parameters Map(Func<Tensor, Tensor> map)
    {
        using var scope = NewDisposeScope();
        return new Parameters(Values.Select(map));
    }

    public Parameters Zip(Parameters other, Func<Tensor, Tensor, Tensor> zip)
    {
        Check(other);
        using var scope = NewDisposeScope();
        var result = new Tensor[Values.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = zip(Values.Values[i], other.Values.Values[i]);
        }

        return new Parameters(Values.With(result));
    }

    public void Dispose()
    {
        foreach (var value in Values.Values)
        {
            value.Dispose();
        }
    }

    public override string ToString() => string.Join(", ", Names.Zip(Values.Values, (n, v) => $"{n}[{string.Join(",", v.shape)}]"));

    private void Check(Parameters other)
    {
        if (!Names.SequenceEqual(other.Names)
            || !Values.Values.Zip(other.Values.Values, (a, b) => a.shape.SequenceEqual(b.shape)).All(same => same))
        {
            throw TrainerThrow.OtherParameters(ToString(), other.ToString());
        }
    }
}
