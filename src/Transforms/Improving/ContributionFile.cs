using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Improving;

/// <summary>The bytes of a contribution; docs/improving.md defines them.</summary>
internal static class ContributionFile
{
    private const int CurrentVersion = 1;
    private const int HeaderLength = 8 + sizeof(int) + 16 + 32 + sizeof(int) + 32 + sizeof(int) + sizeof(double) + sizeof(int);
    private const int ChecksumLength = 32;

    private static ReadOnlySpan<byte> Magic => "MLNMCONT"u8;

    public static byte[] Write(LearnerContribution contribution)
    {
        var gradient = MemoryMarshal.AsBytes(contribution.Gradient.Span);
        var file = new byte[HeaderLength + gradient.Length + ChecksumLength];
        var rest = file.AsSpan();
        Put(ref rest, Magic);
        PutInteger(ref rest, CurrentVersion);
        Put(ref rest, contribution.Id.ToByteArray(bigEndian: true));
        Put(ref rest, Convert.FromHexString(contribution.Lineage));
        PutInteger(ref rest, contribution.Revision);
        Put(ref rest, Convert.FromHexString(contribution.ThetaChecksum));
        PutInteger(ref rest, contribution.Tasks);
        BinaryPrimitives.WriteDoubleLittleEndian(rest, contribution.EvaluationLoss ?? double.NaN);
        rest = rest[sizeof(double)..];
        PutInteger(ref rest, contribution.Gradient.Length);
        Put(ref rest, gradient);
        SHA256.HashData(file.AsSpan(..^ChecksumLength), rest);
        return file;
    }

    public static LearnerContribution Read(Stream stream, int maximumLength)
    {
        var header = new byte[HeaderLength];
        Fill(stream, header);
        ReadOnlySpan<byte> rest = header;
        if (!Take(ref rest, Magic.Length).SequenceEqual(Magic))
        {
            throw Throw.DamagedContribution("it does not start with the header of a contribution");
        }

        if (TakeInteger(ref rest) is var version && version != CurrentVersion)
        {
            throw Throw.NewerContribution(version, CurrentVersion);
        }

        var id = new Guid(Take(ref rest, 16), bigEndian: true);
        var lineage = Convert.ToHexStringLower(Take(ref rest, 32));
        var revision = TakeInteger(ref rest);
        var theta = Convert.ToHexStringLower(Take(ref rest, 32));
        var tasks = TakeInteger(ref rest);
        var loss = BinaryPrimitives.ReadDoubleLittleEndian(Take(ref rest, sizeof(double)));
        var length = TakeInteger(ref rest);
        if (length < 1 || length > maximumLength)
        {
            throw Throw.DamagedContribution($"its gradient has {length} numbers, expected 1 to {maximumLength}");
        }

        var gradient = new float[length];
        Fill(stream, MemoryMarshal.AsBytes(gradient.AsSpan()));
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        Fill(stream, checksum);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        hash.AppendData(MemoryMarshal.AsBytes(gradient.AsSpan()));
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(checksum))
        {
            throw Throw.DamagedContribution("its checksum is wrong");
        }

        if (revision < 0 || tasks < 1)
        {
            throw Throw.DamagedContribution($"its revision is {revision} and its number of tasks {tasks}");
        }

        return new LearnerContribution
        {
            Id = id,
            Lineage = lineage,
            Revision = revision,
            ThetaChecksum = theta,
            Tasks = tasks,
            EvaluationLoss = double.IsNaN(loss) ? null : loss,
            Gradient = gradient,
        };
    }

    private static void Fill(Stream stream, Span<byte> bytes)
    {
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException exception)
        {
            throw Throw.DamagedContribution("it is truncated", exception);
        }
    }

    private static void Put(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }

    private static void PutInteger(ref Span<byte> rest, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(rest, value);
        rest = rest[sizeof(int)..];
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int length)
    {
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    private static int TakeInteger(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadInt32LittleEndian(Take(ref rest, sizeof(int)));
}
