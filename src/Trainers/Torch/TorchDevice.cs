using System.Text.RegularExpressions;
using MLNetMeta.Trainers.Errors;
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
            throw TrainerThrow.NoCuda(name);
        }

        var device = new torch.Device(name);
        return device.index < torch.cuda.device_count()
            ? device
            : throw TrainerThrow.NoSuchDevice(name, torch.cuda.device_count());
    }

    [GeneratedRegex("^(cpu|cuda(:[0-9]{1,3})?)$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
