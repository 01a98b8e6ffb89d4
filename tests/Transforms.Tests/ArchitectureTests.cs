using System.Reflection;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>The app that adapts and predicts carries no libtorch.</summary>
public sealed class ArchitectureTests
{
    private static readonly Assembly _transforms = Assembly.Load("MLNetMeta.Transforms");

    /// <summary>What each room may use.</summary>
    private static readonly Dictionary<string, string[]> _arrows = new()
    {
        ["Catalog"] = ["Pipelines", "Improving", "FewShot", "Learners", "Onnx", "Files", "Errors"],
        ["Pipelines"] = ["FewShot", "Saving", "Learners", "Columns", "Onnx", "Errors"],
        ["Improving"] = ["FewShot", "Learners", "Columns", "Onnx", "Files", "Errors"],
        ["FewShot"] = ["Saving", "Scoring", "Learners", "Columns", "Onnx", "Files", "Errors"],
        ["Saving"] = ["Scoring", "Learners", "Columns", "Onnx", "Files", "Errors"],
        ["Scoring"] = ["Learners", "Columns", "Onnx", "Errors"],
        ["Learners"] = ["Columns", "Onnx", "Files", "Errors"],
        ["Columns"] = ["Errors"],
        ["Onnx"] = ["Errors"],
        ["Files"] = ["Errors"],
        ["Errors"] = [],
    };

    private static readonly Rooms _rooms = new(_transforms, "src/Transforms", "MLNetMeta.Transforms", _arrows);

    [Fact]
    public void Rooms_OfTheSources_AreThoseOfTheTable() => Assert.Empty(_rooms.Unknown());

    [Fact]
    public void Rooms_UseOnly_WhatTheirArrowsPointTo() => Assert.Empty(_rooms.AgainstTheArrows());

    [Fact]
    public void Arrows_Unused_AreNotInTheTable() => Assert.Empty(_rooms.Unused());

    [Fact]
    public void Arrows_AreThose_OfTheDocument() => Assert.Empty(_rooms.OtherwiseDocumented("Rooms of MLNetMeta.Transforms"));

    [Fact]
    public void Arrows_LeadBack_Nowhere() => Assert.Empty(_rooms.Cycles());

    [Fact]
    public void Namespaces_SayTheRoom_OfWhatIsNotPublic() => Assert.Empty(_rooms.Misplaced());

    [Theory]
    [InlineData("TorchSharp")]
    [InlineData("MLNetMeta.Trainers")]
    public void Transforms_NeverReferences(string assembly) =>
        Assert.DoesNotContain(_transforms.GetReferencedAssemblies(), name => name.Name == assembly);

    [Fact]
    public void Transforms_AndAllItBrings_IncludesNoTorchSharp() =>
        Assert.False(
            File.Exists(Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll")),
            "A dependency of MLNetMeta.Transforms brings TorchSharp.");
}
