using System.Diagnostics;

namespace MLNetMeta.Transforms.Saving;

/// <summary>
/// ML.NET's own export, <c>ml.Model.ConvertToOnnx</c>. It silently leaves out what it does not know and offers no way to refuse. But it
/// does transform the rows that it is given.
/// </summary>
internal static class StockExporter
{
    private const string Assembly = "Microsoft.ML.OnnxConverter";

    private static volatile bool _isLoaded;

    static StockExporter()
    {
        AppDomain.CurrentDomain.AssemblyLoad += (_, load) => _isLoaded |= IsIt(load.LoadedAssembly);
        _isLoaded |= AppDomain.CurrentDomain.GetAssemblies().Any(IsIt);
    }

    /// <summary>Whether the caller is ML.NET's export. In apps that do not have it, this check costs nothing.</summary>
    public static bool IsCalling() => _isLoaded
        && new StackTrace().GetFrames().Any(frame => frame.GetMethod()?.DeclaringType?.Assembly is { } assembly && IsIt(assembly));

    private static bool IsIt(System.Reflection.Assembly assembly) => assembly.GetName().Name == Assembly;
}
