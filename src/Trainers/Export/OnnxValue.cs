using System.Collections.Immutable;

namespace MLNetMeta.Trainers.Export;

/// <summary>A value of the graph that is being written.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Shape">Its axes: a number, or a name such as <c>support</c> for a length that is known only when the graph runs.</param>
internal sealed record OnnxValue(string Name, ImmutableArray<string> Shape)
{
    public bool SameShape(OnnxValue other) => Shape.SequenceEqual(other.Shape);
}
