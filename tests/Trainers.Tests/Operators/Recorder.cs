using System.Reflection;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Operators;

/// <summary>Torch operators that write down which of them were called.</summary>
#pragma warning disable CA1852 // DispatchProxy derives from it at run time.
internal class Recorder : DispatchProxy
#pragma warning restore CA1852
{
    private readonly List<string> _calls = [];

    public static (IOps<Tensor> Ops, List<string> Calls) Create()
    {
        var ops = Create<IOps<Tensor>, Recorder>();
        return (ops, ((Recorder)(object)ops)._calls);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _calls.Add(targetMethod!.Name);
        return targetMethod.Invoke(TorchOps.Instance, args);
    }
}
