using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Learners;

/// <summary>The providers by name: what ONNX Runtime calls them, and how a session asks for them.</summary>
internal static class ExecutionProviders
{
    private static readonly Dictionary<string, (string NativeName, string Package, Action<SessionOptions, int> Append)> _table = new()
    {
        [nameof(ExecutionProvider.Cpu)] = ("CPUExecutionProvider", "Microsoft.ML.OnnxRuntime", (_, _) => { }),
        [nameof(ExecutionProvider.Cuda)] = ("CUDAExecutionProvider", "Microsoft.ML.OnnxRuntime.Gpu", AppendCuda),
        [nameof(ExecutionProvider.TensorRT)] = ("TensorrtExecutionProvider", "Microsoft.ML.OnnxRuntime.Gpu", (options, device) =>
        {
            options.AppendExecutionProvider_Tensorrt(device);
            AppendCuda(options, device);
        }),
        [nameof(ExecutionProvider.DirectML)] = ("DmlExecutionProvider", "Microsoft.ML.OnnxRuntime.DirectML", (options, device) =>
        {
            options.EnableMemoryPattern = false; // DirectML refuses sessions with it.
            options.AppendExecutionProvider_DML(device);
        }),
        [nameof(ExecutionProvider.CoreML)] = ("CoreMLExecutionProvider", "Microsoft.ML.OnnxRuntime for macOS or iOS", (options, _) =>
            options.AppendExecutionProvider("CoreML")),
    };

    public static IReadOnlyCollection<string> Names => _table.Keys;

    /// <summary>Makes sessions of <paramref name="options"/> compute with <paramref name="provider"/>.</summary>
    /// <exception cref="NotSupportedException">ONNX Runtime, as this app has it, lacks the provider or a library that it needs.</exception>
    public static void Append(SessionOptions options, ExecutionProvider provider)
    {
        var (nativeName, package, append) = _table[provider.Name];
        var available = OrtEnv.Instance().GetAvailableProviders();
        if (!available.Contains(nativeName))
        {
            throw Throw.MissingProvider(provider.ToString(), $"this app's ONNX Runtime has only {string.Join(", ", available)}", package);
        }

        try
        {
            append(options, provider.DeviceId);
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            throw Throw.MissingProvider(provider.ToString(), exception.Message, package, exception);
        }
    }

    /// <summary>Whether ONNX Runtime, as this app has it, was built with a provider; its libraries or its device may still lack.</summary>
    public static bool IsBuiltIn(ExecutionProvider provider) =>
        OrtEnv.Instance().GetAvailableProviders().Contains(_table[provider.Name].NativeName);

    /// <summary>The package that brings a provider.</summary>
    public static string Package(ExecutionProvider provider) => _table[provider.Name].Package;

    private static void AppendCuda(SessionOptions options, int device)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string>
        {
            ["device_id"] = device.ToString(CultureInfo.InvariantCulture),
            // ONNX Runtime's default rounds products to TF32, ten bits of mantissa: predictions differ from the processor's in the third
            // digit, and of phases that are compared the difference is lost (measured on an H200: 2 to 60 % of a meta-gradient).
            ["use_tf32"] = "0",
        });
        options.AppendExecutionProvider_CUDA(cuda);
    }
}
