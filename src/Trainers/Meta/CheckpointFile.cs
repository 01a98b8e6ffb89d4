using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using MLNetMeta.Trainers.Numerics;
using MLNetMeta.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Meta;

/// <summary>Writes and reads the state of a meta-training: one line of JSON, then the tensors as little-endian float64 (exact for any dtype).</summary>
/// <remarks>A checkpoint carries a description of the options and data it belongs to, and is refused by any other.</remarks>
internal sealed class CheckpointFile(string path, IReadOnlyDictionary<string, string> belongsTo)
{
    private const int Version = 1;

    private static readonly JsonSerializerOptions _json = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private sealed record Header(
        int Version, IReadOnlyDictionary<string, string> BelongsTo, int Step, int Divergences, double ElapsedSeconds, double BestLoss, MetaTrainingProgress[] History, string Sha256);

    public bool Exists => File.Exists(path);

    /// <summary>Replaces the file; a reader never sees half of it.</summary>
    public void Write(MetaTrainingState state) => AtomicFile.Write(path, stream =>
    {
        using var values = new MemoryStream();
        foreach (var tensor in Tensors(state))
        {
            using var scope = NewDisposeScope();
            values.Write(MemoryMarshal.AsBytes<double>(tensor.cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray()));
        }

        var header = new Header(
            Version, belongsTo, state.Step, state.Divergences, state.Elapsed.TotalSeconds, state.BestLoss, [.. state.History], Checksum(values.ToArray()));
        stream.Write(JsonSerializer.SerializeToUtf8Bytes(header, _json));
        stream.WriteByte((byte)'\n');
        values.WriteTo(stream);
    });

    /// <summary>What the checkpoint at <paramref name="path"/> says of the options and data that it belongs to.</summary>
    /// <exception cref="FormatException">The file is damaged.</exception>
    public static string? Owner(string path, string key)
    {
        try
        {
            return Parse(File.ReadAllBytes(path)).Header.BelongsTo.GetValueOrDefault(key);
        }
        catch (JsonException damage)
        {
            throw TrainerThrow.DamagedCheckpoint(path, damage);
        }
    }

    /// <summary>Puts what the file holds into a fresh state of the same shapes.</summary>
    /// <exception cref="InvalidOperationException">The file was written with other options or data; the message names the differences.</exception>
    /// <exception cref="FormatException">The file is damaged.</exception>
    public void Read(MetaTrainingState state)
    {
        try
        {
            var (header, bytes) = Parse(File.ReadAllBytes(path));
            CheckOwner(header);
            if (header.Sha256 != Checksum(bytes) || bytes.Length != sizeof(double) * Tensors(state).Sum(t => t.numel()))
            {
                throw new JsonException("its numbers are not those that were written.");
            }

            Restore(state, header, MemoryMarshal.Cast<byte, double>(bytes));
        }
        catch (Exception damage) when (damage is JsonException or NotSupportedException)
        {
            throw TrainerThrow.DamagedCheckpoint(path, damage);
        }
    }

    private static (Header Header, byte[] Values) Parse(byte[] bytes)
    {
        var end = Array.IndexOf(bytes, (byte)'\n');
        var header = JsonSerializer.Deserialize<Header>(bytes.AsSpan(0, Math.Max(end, 0)), _json);
        return header is { BelongsTo: not null, History: not null } ? (header, bytes[(end + 1)..]) : throw new JsonException("it has no header.");
    }

    private static string Checksum(byte[] values) => Convert.ToHexString(SHA256.HashData(values));

    private void CheckOwner(Header header)
    {
        var differences = belongsTo
            .Where(mine => header.BelongsTo.GetValueOrDefault(mine.Key) != mine.Value)
            .Select(mine => $"{mine.Key}: {header.BelongsTo.GetValueOrDefault(mine.Key) ?? "none"} there, {mine.Value} here")
            .ToArray();
        if (header.Version != Version || differences.Length > 0)
        {
            throw TrainerThrow.OtherCheckpoint(path, header.Version == Version ? string.Join("; ", differences) : $"format version {header.Version}");
        }
    }

    private static void Restore(MetaTrainingState state, Header header, ReadOnlySpan<double> values)
    {
        var rest = values;
        var theta = Take(state.Theta, ref rest);
        var average = state.Average is { } a ? Take(a, ref rest) : null;
        var best = Take(state.Best, ref rest);
        var optimizer = new List<Tensor>();
        foreach (var tensor in state.Optimizer.State)
        {
            optimizer.Add(TakeTensor(tensor, ref rest));
        }

        state.Optimizer.Restore([.. optimizer]);
        state.Restore(header.Step, header.Divergences, TimeSpan.FromSeconds(header.ElapsedSeconds), theta, average, best, header.BestLoss, header.History);
    }

    private static Parameters Take(Parameters like, ref ReadOnlySpan<double> rest)
    {
        var tensors = new Tensor[like.Values.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = TakeTensor(like.Values.Values[i], ref rest);
        }

        return new Parameters(like.Values.With(tensors));
    }

    private static Tensor TakeTensor(Tensor like, ref ReadOnlySpan<double> rest)
    {
        var count = (int)like.numel();
        using var scope = NewDisposeScope();
        var flat = tensor(rest[..count].ToArray());
        rest = rest[count..];
        return flat.to(like.dtype).to(like.device).reshape(like.shape).DetachFromDisposeScope();
    }

    private static Tensor[] Tensors(MetaTrainingState state) =>
        [.. state.Theta.Values.Values, .. state.Average?.Values.Values ?? [], .. state.Best.Values.Values, .. state.Optimizer.State];
}
