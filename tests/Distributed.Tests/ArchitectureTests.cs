using System.Reflection;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Distributed.Tests;

/// <summary>The rooms of the cluster, and what each may use.</summary>
public sealed class ArchitectureTests()
    : RoomTests(Assembly.Load("MLNetMeta.Distributed"), "src/Distributed", "MLNetMeta.Distributed", _arrows)
{
    private static readonly Dictionary<string, string[]> _arrows = new()
    {
        ["Catalog"] = ["Driver", "Grains", "Sources"],
        ["Driver"] = ["Grains", "Sources", "Telemetry", "Errors"],
        ["Grains"] = ["Sources", "Telemetry", "Errors"],
        ["Sources"] = ["Errors"],
        ["Telemetry"] = [],
        ["Errors"] = [],
    };
}
