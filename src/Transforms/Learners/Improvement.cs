using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MLNetMeta.Transforms.Learners;

/// <summary>What an improvable learner file holds beside the learner: θ, and its meta-training as ONNX graphs.</summary>
internal sealed record Improvement
{
    /// <summary>What all revisions of one meta-trained learner have in common: the <see cref="Checksum"/> of its graphs and first
    /// θ.</summary>
    public required string Lineage { get; init; }

    /// <summary>How often θ has been improved since the meta-training.</summary>
    public required int Revision { get; init; }

    /// <summary>θ, float32, little-endian.</summary>
    public required byte[] Theta { get; init; }

    /// <summary>The meta-training graph of one task in the units of the data.</summary>
    public required byte[] Contribution { get; init; }

    /// <summary>One step of the meta-optimiser.</summary>
    public required byte[] Optimizer { get; init; }

    /// <summary>θ in; the values of the learner file that depend on it out.</summary>
    public required byte[] Consolidation { get; init; }

    /// <summary>Steps of each nudged phase.</summary>
    public required int NudgedSteps { get; init; }

    /// <summary>The meta-learning rate of the meta-training, before its schedule.</summary>
    public required double LearningRate { get; init; }

    /// <summary>What the meta-optimiser remembers.</summary>
    public required OptimizerSlot[] State { get; init; }

    /// <summary>θ as numbers.</summary>
    public float[] ThetaAsNumbers() => MemoryMarshal.Cast<byte, float>(Theta).ToArray();

    /// <summary>Numbers as the file holds them.</summary>
    public static byte[] Bytes(ReadOnlySpan<float> numbers) => MemoryMarshal.AsBytes(numbers).ToArray();

    /// <summary>Hexadecimal SHA-256 of parts, one behind the other.</summary>
    public static string Checksum(params ReadOnlySpan<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Whether what it says of θ and of the steps can be.</summary>
    public bool IsConsistent() =>
        Lineage.Length == 64 && Lineage.All(char.IsAsciiHexDigitLower) && Revision >= 0 && NudgedSteps >= 1
        && LearningRate > 0 && double.IsFinite(LearningRate)
        && Theta.Length > 0 && Theta.Length % sizeof(float) == 0 && Array.TrueForAll(ThetaAsNumbers(), float.IsFinite)
        && State.All(slot => slot is not null && (slot.Length ?? 1) >= 1 && float.IsFinite(slot.Initial));

    /// <summary>Hexadecimal SHA-256 of θ: two copies of a learner that were improved apart have the same revision and another θ.</summary>
    public string ThetaChecksum() => Checksum(Theta);
}
