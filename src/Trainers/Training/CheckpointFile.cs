using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Training;

/// <summary>Writes and reads the state of a meta-training.</summary>
/// <remarks>
/// A first line of format version and SHA-256 of all that follows, so that no change goes unnoticed; one line of JSON; then θ, its average,
/// the best θ and the optimiser's state as little-endian float64. A checkpoint carries a description of the options
/// and data it belongs to, and is refused by any other.
/// </remarks>
/// <param name="path">The file.</param>
/// <param name="belongsTo">The options and data of this training.</param>
/// <param name="metaSteps">Meta-steps of the whole training.</param>
internal sealed class CheckpointFile(string path, IReadOnlyDictionary<string, string> belongsTo, int metaSteps)
{
    private static readonly JsonSerializerOptions _json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    private sealed record Header(
        IReadOnlyDictionary<string, string> BelongsTo, int Step, int Divergences, int Plateaus, int ValidationsWithoutGain,
        TimeSpan Elapsed, double BestLoss, float[] BestErrors, float[] StartErrors, StepsSinceReport Unreported,
        MetaTrainingProgress[] History);

    public bool Exists => File.Exists(path);

    public string Path => path;

    /// <summary>Replaces the file; a reader never sees half of it.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Write(MetaTrainingState state) => AtomicFile.Write(path, stream =>
    {
        using var content = new MemoryStream();
        content.Write(JsonSerializer.SerializeToUtf8Bytes(
            new Header(
                belongsTo, state.Step, state.Divergences, state.Plateaus, state.ValidationsWithoutGain, state.Elapsed, state.BestLoss,
                state.BestErrors, state.StartErrors, state.Unreported, [.. state.History]),
            _json));
        content.WriteByte((byte)'\n');
        foreach (var vector in Vectors(state))
        {
            var values = vector.Elements is { } elements ? Array.ConvertAll(elements, x => (double)x) : [vector.Number];
            content.Write(MemoryMarshal.AsBytes<double>(values));
        }

        stream.Write(FirstLine(content.GetBuffer().AsSpan(0, (int)content.Length)));
        content.WriteTo(stream);
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
    /// <exception cref="InvalidOperationException">
    /// The file was written with other options or data; the message names the differences.
    /// </exception>
    /// <exception cref="FormatException">The file is damaged.</exception>
    public void Read(MetaTrainingState state)
    {
        try
        {
            var (header, values) = Parse(File.ReadAllBytes(path));
            CheckOwner(header);
            if (Fault(header) is { } fault)
            {
                throw TrainerThrow.CheckpointFault(fault);
            }

            if (values.Length != sizeof(double) * Vectors(state).Sum(v => (long)v.Length))
            {
                throw TrainerThrow.CheckpointFault("it has another number of parameters.");
            }

            Restore(state, header, MemoryMarshal.Cast<byte, double>(values));
        }
        catch (JsonException damage)
        {
            throw TrainerThrow.DamagedCheckpoint(path, damage);
        }
    }

    /// <summary>The line that a file starts with, given all that follows.</summary>
    internal static byte[] FirstLine(ReadOnlySpan<byte> content) =>
        Encoding.ASCII.GetBytes($"MLNetMeta checkpoint 4 {Convert.ToHexString(SHA256.HashData(content))}\n");

    private static (Header Header, byte[] Values) Parse(byte[] bytes)
    {
        var start = Array.IndexOf(bytes, (byte)'\n') + 1;
        var content = bytes.AsSpan(start);
        if (!bytes.AsSpan(0, start).SequenceEqual(FirstLine(content)))
        {
            throw TrainerThrow.CheckpointFault("it was changed after it was written, or has another format.");
        }

        var end = content.IndexOf((byte)'\n');
        var header = JsonSerializer.Deserialize<Header>(content[..Math.Max(end, 0)], _json)
            ?? throw TrainerThrow.CheckpointFault("it has no header.");
        return (header, content[(end + 1)..].ToArray());
    }

    private void CheckOwner(Header header)
    {
        var differences = belongsTo.Keys.Union(header.BelongsTo.Keys)
            .Select(key => (Key: key, There: header.BelongsTo.GetValueOrDefault(key), Here: belongsTo.GetValueOrDefault(key)))
            .Where(pair => pair.There != pair.Here)
            .Select(pair => $"{pair.Key}: {pair.There ?? "none"} there, {pair.Here ?? "none"} here")
            .ToArray();
        if (differences.Length > 0)
        {
            throw TrainerThrow.OtherCheckpoint(path, string.Join("; ", differences));
        }
    }

    /// <summary>What no training can have written; null where all is possible.</summary>
    private string? Fault(Header header)
    {
        if (header.Step < 0 || header.Step > metaSteps)
        {
            return $"it is at meta-step {header.Step} of {metaSteps}.";
        }

        if (header.Divergences < 0 || header.Divergences > Math.Min(header.Step, MetaTrainingState.MostDivergences))
        {
            return $"it has {header.Divergences} divergences.";
        }

        if (header.Plateaus < 0 || header.ValidationsWithoutGain < 0
            || header.Plateaus + header.ValidationsWithoutGain > header.History.Length)
        {
            return $"it has {header.Plateaus} plateaus and {header.ValidationsWithoutGain} validations without gain.";
        }

        if (!IsDuration(header.Elapsed))
        {
            return $"its duration {header.Elapsed} is impossible.";
        }

        if (Array.Exists([.. header.BestErrors, .. header.StartErrors], error => !(error >= 0))
            || header.BestErrors.Length > 0 && header.StartErrors.Length > 0 && header.BestErrors.Length != header.StartErrors.Length)
        {
            return "its errors are impossible.";
        }

        var since = header.Unreported;
        if (double.IsNaN(header.BestLoss) || since.Losses < 0 || since.Losses > header.Step || !IsNorm(since.GradientNorm)
            || !IsNorm(since.FreeResidual) || !IsNorm(since.NudgedResidual) || !IsRate(since.LearningRate))
        {
            return "its losses or norms are impossible.";
        }

        var last = -1;
        foreach (var report in header.History)
        {
            if (report is null || report.Step <= last || report.Step > header.Step || report.TotalSteps != metaSteps
                || !IsDuration(report.Elapsed) || !IsNorm(report.GradientNorm) || !IsNorm(report.FreeResidual)
                || !IsNorm(report.NudgedResidual) || !IsRate(report.LearningRate))
            {
                return $"its report {report} is impossible.";
            }

            last = report.Step;
        }

        return last < 0 && header.Step > 0 ? "its reports are missing." : null;

        // A century: what is added to it stays within a TimeSpan.
        static bool IsDuration(TimeSpan time) => time >= TimeSpan.Zero && time < TimeSpan.FromDays(36_525);

        static bool IsNorm(double? value) => value is null or >= 0 || double.IsNaN(value.Value);

        static bool IsRate(double value) => value >= 0 && double.IsFinite(value);
    }

    private static void Restore(MetaTrainingState state, Header header, ReadOnlySpan<double> values)
    {
        var rest = values;
        var theta = Take(state.Theta, ref rest).Elements!;
        var average = state.Average is { } a ? Take(a, ref rest).Elements : null;
        var best = Take(state.Best, ref rest).Elements!;
        var optimizer = new List<HostVector>();
        foreach (var vector in state.Optimizer.State)
        {
            optimizer.Add(Take(vector, ref rest));
        }

        state.Optimizer.Restore([.. optimizer]);
        state.Restore(
            header.Step, header.Divergences, header.Plateaus, header.ValidationsWithoutGain, header.Elapsed, theta, average, best,
            header.BestLoss, header.BestErrors, header.StartErrors, header.Unreported, header.History);
    }

    private static HostVector Take(HostVector like, ref ReadOnlySpan<double> rest)
    {
        var numbers = rest[..like.Length];
        rest = rest[like.Length..];
        return like.Elements is null ? new HostVector(null, numbers[0]) : Array.ConvertAll(numbers.ToArray(), x => (float)x);
    }

    private static HostVector[] Vectors(MetaTrainingState state) =>
        [state.Theta, .. state.Average is { } average ? [average] : Array.Empty<HostVector>(), state.Best, .. state.Optimizer.State];
}
