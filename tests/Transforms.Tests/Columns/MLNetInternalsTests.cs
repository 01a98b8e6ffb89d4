using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Fails when ML.NET changes a member that it does not publish and this library uses.</summary>
public sealed class MLNetInternalsTests
{
    [Fact]
    public void Column_AllArguments_ArriveInTheirPlaces()
    {
        var annotation = MLNetInternals.Column(
            "KeyValues", SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, isKey: false, null);

        var column = MLNetInternals.Column(
            "Label", SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true, new SchemaShape([annotation]));

        Assert.Equal("Label", column.Name);
        Assert.Equal(SchemaShape.Column.VectorKind.Scalar, column.Kind);
        Assert.Equal(NumberDataViewType.UInt32, column.ItemType);
        Assert.True(column.IsKey);
        Assert.Equal("KeyValues", Assert.Single(column.Annotations).Name);
    }
}
