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
        ["Catalog"] = ["FewShot", "Learners", "Onnx", "Pipelines", "Saving"],
        ["Pipelines"] = ["FewShot", "Learners", "Onnx"],
        ["FewShot"] = ["Learners", "Onnx", "Pipelines", "Saving", "Scoring"],
        ["Saving"] = ["FewShot", "Learners", "Onnx"],
        ["Scoring"] = ["FewShot", "Learners", "Onnx"],
        ["Learners"] = ["Onnx", "Saving", "Scoring"],
        ["Onnx"] = [],
    };

    private static readonly Rooms _rooms = new(_transforms, "src/Transforms", "MLNetMeta.Transforms", _arrows);

    // The files at the root are in no room yet: what they use, and who uses them, is not asked.
    [Fact]
    public void Rooms_UseOnly_WhatTheirArrowsPointTo() =>
        Assert.DoesNotContain(_rooms.AgainstTheArrows(), found => !found.Contains("→ :", StringComparison.Ordinal) && found[0] != ' ');

    [Theory]
    [InlineData("TorchSharp")]
    [InlineData("MLNetMeta.Trainers")]
    public void Transforms_NeverReferences(string assembly) =>
        Assert.DoesNotContain(_transforms.GetReferencedAssemblies(), name => name.Name == assembly);

    [Fact]
    public void Transforms_AndAllItBrings_IncludesNoTorchSharp() =>
        Assert.False(File.Exists(Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll")), "A dependency of MLNetMeta.Transforms brings TorchSharp.");
}
