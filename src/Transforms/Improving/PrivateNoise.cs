using System.Security.Cryptography;

namespace MLNetMeta.Transforms.Improving;

/// <summary>Gaussian noise that nobody can predict: it uses random numbers from the operating system.</summary>
internal static class PrivateNoise
{
    /// <summary>Adds N(0, deviation²) to every number.</summary>
    public static void AddTo(Span<float> numbers, double deviation)
    {
        if (deviation == 0)
        {
            return;
        }

        foreach (ref var number in numbers)
        {
            // Box and Muller (1958).
            number += (float)(deviation * Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform()));
        }
    }

    /// <summary>From (0, 1].</summary>
    private static double Uniform()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return ((BitConverter.ToUInt64(bytes) >> 11) + 1) * (1.0 / (1UL << 53));
    }
}
