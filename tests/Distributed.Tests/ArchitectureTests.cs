using System.Reflection;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Distributed.Tests;

/// <summary>The rooms of the cluster, and what each may use.</summary>
public sealed class ArchitectureTests
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

    private static readonly Rooms _rooms = new(
        Assembly.Load("MLNetMeta.Distributed"), "src/Distributed", "MLNetMeta.Distributed", _arrows);

    [Fact]
    public void Rooms_OfTheSources_AreThoseOfTheTable() => Assert.Empty(_rooms.Unknown());

    [Fact]
    public void Rooms_UseOnly_WhatTheirArrowsPointTo() => Assert.Empty(_rooms.AgainstTheArrows());

    [Fact]
    public void Arrows_Unused_AreNotInTheTable() => Assert.Empty(_rooms.Unused());

    [Fact]
    public void Arrows_AreThose_OfTheDocument() => Assert.Empty(_rooms.OtherwiseDocumented("Rooms of MLNetMeta.Distributed"));

    [Fact]
    public void Arrows_LeadBack_Nowhere() => Assert.Empty(_rooms.Cycles());

    [Fact]
    public void Namespaces_SayTheRoom_OfWhatIsNotPublic() => Assert.Empty(_rooms.Misplaced());
}
