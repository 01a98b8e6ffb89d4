using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Learners;

/// <summary>The native library of ONNX Runtime, which an app chooses by a package of its own.</summary>
internal static class OnnxRuntimeLibrary
{
    private static readonly Lazy<Exception?> _failure = new(Load);

    /// <summary>Loads it; does nothing when it is loaded already.</summary>
    /// <exception cref="DllNotFoundException">It is missing, or does not load on this system.</exception>
    public static void EnsureLoaded()
    {
        if (_failure.Value is { } failure)
        {
            throw Throw.MissingOnnxRuntime(failure);
        }
    }

    private static Exception? Load()
    {
        try
        {
            OrtEnv.Instance();
            return null;
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException or BadImageFormatException
            or EntryPointNotFoundException)
        {
            return exception.GetBaseException();
        }
    }
}
