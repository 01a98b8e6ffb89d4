namespace MLNetMeta.Trainers.Operators;

/// <summary>A value whose derivation is recorded on a <see cref="Tape{V}"/>; computed when first needed.</summary>
/// <remarks>Laziness is what makes gradients cheap: the value of a loss is not needed for its gradient and is never computed.</remarks>
internal sealed class Tracked<V>
{
    private Func<V>? _compute;
    private V? _value;

    internal Tracked(Func<V> compute, int node)
    {
        _compute = compute;
        Node = node;
    }

    internal Tracked(V value, int node)
    {
        _value = value;
        Node = node;
    }

    /// <summary>Position on the tape; −1 where no derivative is wanted.</summary>
    internal int Node { get; }

    internal bool IsActive => Node >= 0;

    public V Value
    {
        get
        {
            if (_compute is { } compute)
            {
                _value = compute();
                _compute = null;
            }

            return _value!;
        }
    }
}
