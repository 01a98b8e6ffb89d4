using System.Reflection;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>The app that adapts and predicts carries no libtorch.</summary>
public sealed class ArchitectureTests
{
    private static readonly Assembly _transforms = Assembly.Load("MLNetMeta.Transforms");

    [Theory]
    [InlineData("TorchSharp")]
    [InlineData("MLNetMeta.Trainers")]
    public void Transforms_NeverReferences(string assembly) =>
        Assert.DoesNotContain(_transforms.GetReferencedAssemblies(), name => name.Name == assembly);

    [Fact]
    public void Transforms_AndAllItBrings_IncludesNoTorchSharp() =>
        Assert.False(File.Exists(Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll")), "A dependency of MLNetMeta.Transforms brings TorchSharp.");
}
