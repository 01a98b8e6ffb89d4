using System.Reflection;
using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Trainers.Numerics;
using Xunit;

namespace MLNetMeta.Trainers.Tests;

/// <summary>The arrows of dependency, which point one way: catalog and trainers use everything, and each folder what is named here.</summary>
public sealed class ArchitectureTests
{
    private const string Root = "MLNetMeta.Trainers.";

    /// <summary>Meta → Learners → Networks → Numerics ← Optimizers; Export writes what Meta runs; Episodes → Numerics.</summary>
    private static readonly Dictionary<string, string[]> _arrows = new()
    {
        ["Numerics"] = [],
        ["Networks"] = ["Numerics"],
        ["Learners"] = ["Networks", "Numerics"],
        ["Optimizers"] = ["Numerics"],
        ["Meta"] = ["Learners", "Networks", "Numerics", "Optimizers"],
        ["Export"] = ["Learners", "Meta", "Networks", "Numerics", "Optimizers"],
        ["Episodes"] = ["Numerics"],
        ["Reporting"] = ["Numerics"],
        ["Images"] = [],
        ["Theory"] = ["Meta", "Learners", "Networks", "Numerics"],
    };

    private static readonly string[] _foldersThatReadDataViews = ["Episodes", "Reporting"];

    private static readonly Assembly _trainers = typeof(TorchRuntime).Assembly;

    private static IEnumerable<(Type Type, string Folder)> TypesInFolders =>
        from type in _trainers.GetTypes()
        let folder = FolderOf(type)
        where folder is not null
        select (type, folder);

    [Fact]
    public void Folders_InTheAssembly_HaveArrows()
    {
        var unknown = TypesInFolders.Select(entry => entry.Folder).Distinct().Except(_arrows.Keys);
        Assert.True(!unknown.Any(), $"Say in {nameof(_arrows)} what these folders may use: {string.Join(", ", unknown)}.");
    }

    [Fact]
    public void Folders_UseOnly_WhatTheirArrowsPointTo()
    {
        var violations =
            from entry in TypesInFolders
            from used in TypeDependencies.Of(entry.Type)
            where used.Assembly == _trainers
            let target = FolderOf(used)
            where target is not null && target != entry.Folder && !_arrows.GetValueOrDefault(entry.Folder, []).Contains(target)
            select $"{entry.Type} uses {used}";
        AssertNone(violations, "against the arrows of dependency");
    }

    [Fact]
    public void DataViews_StopAt_Episodes()
    {
        var violations =
            from entry in TypesInFolders
            where !_foldersThatReadDataViews.Contains(entry.Folder) && TypeDependencies.Of(entry.Type).Contains(typeof(IDataView))
            select $"{entry.Type} uses {nameof(IDataView)}";
        AssertNone(violations, $"only {string.Join(" and ", _foldersThatReadDataViews)} and the trainers read data views");
    }

    [Fact]
    public void Beta_IsNamed_InMetaAndTheoryOnly()
    {
        var violations =
            from entry in TypesInFolders
            where entry.Folder is not ("Meta" or "Theory")
            from method in entry.Type.GetMembers((BindingFlags)~0).OfType<MethodBase>()
            where method.GetParameters().Any(parameter => string.Equals(parameter.Name, "beta", StringComparison.OrdinalIgnoreCase))
            select $"{entry.Type}.{method.Name}";
        AssertNone(violations, "a learner never mentions β");
    }

    [Fact]
    public void PublicApi_ShowsNo_TorchSharp()
    {
        var violations =
            from type in _trainers.GetExportedTypes()
            from shown in TypeDependencies.VisibleIn(type)
            where shown.Assembly.GetName().Name == "TorchSharp"
            select $"{type} shows {shown}";
        AssertNone(violations, "tensors are an implementation detail");
    }

    [Fact]
    public void OnnxRuntime_IsKnown_ToTransformsOnly() =>
        Assert.DoesNotContain(_trainers.GetReferencedAssemblies(), name => name.Name!.StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal));

    private static string? FolderOf(Type type)
    {
        string name = TypeDependencies.NamespaceOf(type);
        return name.StartsWith(Root, StringComparison.Ordinal) ? name[Root.Length..].Split('.')[0] : null;
    }

    private static void AssertNone(IEnumerable<string> violations, string rule)
    {
        string[] found = [.. violations.Distinct()];
        Assert.True(found.Length == 0, $"{rule}:{Environment.NewLine}{string.Join(Environment.NewLine, found)}");
    }
}
