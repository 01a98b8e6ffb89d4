using System.Globalization;
using System.Text.Json;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Files;

namespace MLNetMeta.Transforms.Improving;

/// <summary>
/// The folder of an improver: <c>state.json</c>, <c>learner.onnx</c>, and the contributions that wait for a step, one file each, named in
/// the order of their arrival.
/// </summary>
internal sealed class ImproverFolder : IDisposable
{
    private const string Suffix = ".contribution";

    private readonly string _path;
    private readonly FileStream _lock;
    private long _next;

    /// <exception cref="IOException">Another improver has the folder.</exception>
    public ImproverFolder(string path)
    {
        _path = Path.GetFullPath(path);
        Directory.CreateDirectory(Pending);
        try
        {
            _lock = new FileStream(Path.Combine(_path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw Throw.ImproverInUse(_path, exception);
        }
    }

    public string LearnerPath => Path.Combine(_path, "learner.onnx");

    private string Pending => Path.Combine(_path, "pending");

    private string StatePath => Path.Combine(_path, "state.json");

    /// <summary>The state; null before the first one was written.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public ImproverState? ReadState()
    {
        if (!File.Exists(StatePath))
        {
            return null;
        }

        try
        {
            var state = JsonSerializer.Deserialize<ImproverState>(File.ReadAllBytes(StatePath));
            return state is { Version: ImproverState.CurrentVersion }
                ? state
                : throw Throw.DamagedImprover(StatePath, $"it has format version {state?.Version}");
        }
        catch (JsonException exception)
        {
            throw Throw.DamagedImprover(StatePath, exception.Message, exception);
        }
    }

    public void WriteState(ImproverState state) =>
        AtomicFile.Write(StatePath, stream => JsonSerializer.Serialize(stream, state));

    public void WriteLearner(ReadOnlyMemory<byte> file) => AtomicFile.Write(LearnerPath, stream => stream.Write(file.Span));

    /// <summary>The contributions that wait, in the order of their arrival, and their files.</summary>
    public List<(string File, LearnerContribution Contribution)> ReadPending()
    {
        string[] files = [.. Directory.EnumerateFiles(Pending, "*" + Suffix).Order(StringComparer.Ordinal)];
        _next = files.Length == 0 ? 0 : 1 + long.Parse(Path.GetFileName(files[^1])[..12], CultureInfo.InvariantCulture);
        return [.. files.Select(file =>
        {
            using var stream = File.OpenRead(file);
            return (file, LearnerContribution.Load(stream, int.MaxValue));
        })];
    }

    /// <summary>Keeps a contribution; it is on the disk when this returns.</summary>
    /// <returns>Its file.</returns>
    public string Keep(LearnerContribution contribution)
    {
        var file = Path.Combine(Pending, string.Create(CultureInfo.InvariantCulture, $"{_next++:D12}-{contribution.Id:N}{Suffix}"));
        contribution.Save(file);
        return file;
    }

    public void Dispose() => _lock.Dispose();
}
