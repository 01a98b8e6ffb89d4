using System.Text.RegularExpressions;
using TorchSharp;

namespace MLNetMeta.Trainers.Torch;

/// <summary>The device that meta-training computes on, by its torch name.</summary>
internal static partial class TorchDevice
{
    public static bool IsWellFormed(string? name) => name is not null && Name().IsMatch(name);

    /// <summary>The device of a well-formed name; libtorch is loaded.</summary>
    /// <exception cref="NotSupportedException">There is no such device; the message says what there is.</exception>
    public static torch.Device Open(string name)
    {
        if (name == "cpu")
        {
            return torch.CPU;
        }

        if (!torch.cuda.is_available())
        {
            throw new NotSupportedException(
                $"Device '{name}' was asked for, and libtorch finds no CUDA device. It needs an NVIDIA GPU with its driver and the "
                + "package libtorch-cuda-12.8-linux-x64 "
                + "(or -win-x64) in place of libtorch-cpu. Compute.Torch() trains on the CPU.");
        }

        var device = new torch.Device(name);
        return device.index < torch.cuda.device_count()
            ? device
            : throw new NotSupportedException(
                $"Device '{name}' was asked for, and there are {torch.cuda.device_count()} CUDA devices, numbered from 0.");
    }

    [GeneratedRegex("^(cpu|cuda(:[0-9]{1,3})?)$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
