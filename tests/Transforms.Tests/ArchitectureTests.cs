using System.Reflection;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>The app that adapts and predicts carries no libtorch.</summary>
public sealed class ArchitectureTests() : RoomTests(_transforms, "src/Transforms", "MLNetMeta.Transforms", _arrows)
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
