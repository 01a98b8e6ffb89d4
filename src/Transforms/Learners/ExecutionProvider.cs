using System.Globalization;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Learners;

namespace MLNetMeta.Transforms;

/// <summary>The device that computes: the processor, or an accelerator that ONNX Runtime supports.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>provider</term><description>native package of the app</description></listheader>
/// <item><term><see cref="Cpu"/></term><description>any</description></item>
/// <item><term><see cref="Cuda"/>, <see cref="TensorRT"/></term><description>Microsoft.ML.OnnxRuntime.Gpu, with NVIDIA's CUDA and cuDNN
/// (and TensorRT) installed</description></item>
/// <item><term><see cref="DirectML"/></term><description>Microsoft.ML.OnnxRuntime.DirectML (Windows)</description></item>
/// <item><term><see cref="CoreML"/></term><description>Microsoft.ML.OnnxRuntime (macOS, iOS)</description></item>
/// </list>
/// If the accelerator is missing, loading the learner fails, unless a fallback to the processor is allowed.
/// </remarks>
public sealed record ExecutionProvider
{
    private const string FallbackSuffix = " or Cpu";

    private ExecutionProvider(string name, int deviceId = 0, bool fallbackToCpu = false)
    {
        Name = name;
        DeviceId = deviceId >= 0 ? deviceId : throw Throw.OptionTooSmall(nameof(deviceId), deviceId, 0);
        FallbackToCpu = fallbackToCpu;
    }

    /// <summary>The processor; the default, and usually the fastest for small networks and few rows.</summary>
    public static ExecutionProvider Cpu { get; } = new(nameof(Cpu));

    /// <summary>Name of the provider: <c>Cpu</c>, <c>Cuda</c>, <c>TensorRT</c>, <c>DirectML</c> or <c>CoreML</c>.</summary>
    public string Name { get; }

    /// <summary>Number of the device, from 0.</summary>
    public int DeviceId { get; }

    /// <summary>Whether to use the processor, with a warning in the log, if the accelerator is not available.</summary>
    public bool FallbackToCpu { get; }

    /// <summary>An NVIDIA GPU.</summary>
    /// <param name="deviceId">Number of the GPU, from 0.</param>
    /// <param name="fallbackToCpu">Whether to use the processor if there is none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative device.</exception>
    public static ExecutionProvider Cuda(int deviceId = 0, bool fallbackToCpu = false) => new(nameof(Cuda), deviceId, fallbackToCpu);

    /// <summary>An NVIDIA GPU with TensorRT, and with CUDA for operations that TensorRT does not support.</summary>
    /// <param name="deviceId">Number of the GPU, from 0.</param>
    /// <param name="fallbackToCpu">Whether to use the processor if there is none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative device.</exception>
    public static ExecutionProvider TensorRT(int deviceId = 0, bool fallbackToCpu = false) =>
        new(nameof(TensorRT), deviceId, fallbackToCpu);

    /// <summary>Any DirectX 12 GPU on Windows.</summary>
    /// <param name="deviceId">Number of the GPU, from 0.</param>
    /// <param name="fallbackToCpu">Whether to use the processor if there is none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative device.</exception>
    public static ExecutionProvider DirectML(int deviceId = 0, bool fallbackToCpu = false) =>
        new(nameof(DirectML), deviceId, fallbackToCpu);

    /// <summary>Apple's neural engine and GPU.</summary>
    /// <param name="fallbackToCpu">Whether to use the processor if there is none.</param>
    public static ExecutionProvider CoreML(bool fallbackToCpu = false) => new(nameof(CoreML), 0, fallbackToCpu);

    /// <summary>Parses the output of <see cref="ToString"/>, for settings files: <c>Cpu</c>, <c>Cuda:0</c>, <c>Cuda:1 or Cpu</c>.</summary>
    /// <param name="text">The name, then optionally a colon and the device, then optionally <c>or Cpu</c>. Case does not matter.</param>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static ExecutionProvider Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fallback = text.EndsWith(FallbackSuffix, StringComparison.OrdinalIgnoreCase);
        var parts = (fallback ? text[..^FallbackSuffix.Length] : text).Split(':');
        var name = ExecutionProviders.Names.FirstOrDefault(known => known.Equals(parts[0], StringComparison.OrdinalIgnoreCase));
        var device = 0;
        var isRead = name is not null
            && (parts.Length == 1
                || parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out device));
        if (!isRead || name == nameof(Cpu) && text.Length > nameof(Cpu).Length)
        {
            throw Throw.UnknownProvider(text, ExecutionProviders.Names);
        }

        return new ExecutionProvider(name!, device, fallback);
    }

    /// <summary>A text that <see cref="Parse"/> accepts.</summary>
    public override string ToString() => this == Cpu
        ? Name
        : string.Create(CultureInfo.InvariantCulture, $"{Name}:{DeviceId}{(FallbackToCpu ? FallbackSuffix : "")}");
}
