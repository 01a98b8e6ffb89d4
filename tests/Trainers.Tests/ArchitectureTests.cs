using System.Reflection;
using Microsoft.ML;
using MLNetMeta.Testing;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests;

/// <summary>The rooms of the trainers, and what each may use: arrows point down.</summary>
public sealed class ArchitectureTests() : RoomTests(_trainers, "src/Trainers", "MLNetMeta.Trainers", _arrows)
{
    /// <summary>What each room may use; from the doors at the top down to the messages.</summary>
    private static readonly Dictionary<string, string[]> _arrows = new()
    {
        ["Catalog"] = ["Auto", "Spiking", "Estimators", "Evaluation", "Tasks", "Learners", "Networks", "Errors"],
        ["Auto"] =
            ["Estimators", "Evaluation", "Rules", "Training", "Tasks", "Learners", "Networks", "Optimizers", "Operators", "Errors"],
        ["Spiking"] = ["Estimators", "Rules", "Tasks", "Learners", "Networks", "Optimizers", "Operators", "Errors"],
        ["Estimators"] =
            ["Theory", "Evaluation", "Export", "Rules", "Training", "Torch", "Tasks", "Learners", "Networks", "Optimizers", "Operators",
                "Errors"],
        ["Evaluation"] = ["Theory", "Training", "Tasks", "Errors"],
        ["Theory"] = ["Rules", "Torch", "Learners", "Operators"],
        ["Export"] = ["Rules", "Training", "Tasks", "Learners", "Networks", "Optimizers", "Operators", "Errors"],
        ["Rules"] = ["Training", "Torch", "Tasks", "Learners", "Optimizers", "Operators", "Errors"],
        ["Training"] = ["Tasks", "Optimizers", "Operators", "Errors"],
        ["Torch"] = ["Tasks", "Operators", "Errors"],
        ["Tasks"] = ["Networks", "Operators", "Errors"],
        ["Learners"] = ["Networks", "Operators"],
        ["Networks"] = ["Operators", "Errors"],
        ["Optimizers"] = ["Operators", "Errors"],
        ["Operators"] = ["Errors"],
        ["Errors"] = [],
    };

    private static readonly string[] _roomsThatReadDataViews = ["Tasks", "Evaluation", "Estimators", "Spiking", "Auto", "Catalog"];

    private static readonly string[] _roomsThatNudge = ["Rules", "Theory", "Export"];

    private static readonly string[] _roomsOfTensors = ["Torch", "Rules"];

    /// <summary>Types elsewhere that still use tensors. To be made shorter, never longer.</summary>
    private static readonly string[] _typesThatStillUseTensors =
    [
        "NudgingAdvisor",
    ];

    private static readonly Assembly _trainers = Assembly.Load("MLNetMeta.Trainers");

    [Fact]
    public void DataViews_StopAt_Tasks() => AssertNone(
        from entry in Types
        where !_roomsThatReadDataViews.Contains(entry.Room) && TypeDependencies.OfWhole(entry.Type).Contains(typeof(IDataView))
        select $"{entry.Type} of {entry.Room} uses {nameof(IDataView)}");

    [Fact]
    public void Tensors_AreUsed_InTorchAndRulesOnly()
    {
        string[] users =
        [
            .. from entry in Types
               where !_roomsOfTensors.Contains(entry.Room) && TypeDependencies.OfWhole(entry.Type).Contains(typeof(Tensor))
               select entry.Type.Name,
        ];
        AssertNone(users.Except(_typesThatStillUseTensors).Select(name => $"{name} uses {nameof(Tensor)}"));
        AssertNone(
            _typesThatStillUseTensors.Except(users).Select(name => $"{name} no longer uses {nameof(Tensor)}: take it from the list"));
    }

    [Fact]
    public void Beta_IsNamed_InRulesTheoryAndGraphsOnly() => AssertNone(
        from entry in Types
        where !_roomsThatNudge.Contains(entry.Room)
        from method in entry.Type.GetMembers((BindingFlags)~0).OfType<MethodBase>()
        where method.GetParameters().Any(parameter => string.Equals(parameter.Name, "beta", StringComparison.OrdinalIgnoreCase))
        select $"{entry.Type}.{method.Name} of {entry.Room}");

    [Fact]
    public void PublicApi_ShowsNo_TorchSharp() => AssertNone(
        from type in _trainers.GetExportedTypes()
        from shown in TypeDependencies.VisibleIn(type)
        where shown.Assembly.GetName().Name == "TorchSharp"
        select $"{type} shows {shown}");

    [Fact]
    public void OnnxRuntime_IsKnown_ToTransformsOnly() =>
        Assert.DoesNotContain(
            _trainers.GetReferencedAssemblies(), name => name.Name!.StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal));
}
