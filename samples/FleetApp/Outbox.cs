using System.Globalization;
using MLNetMeta.Transforms;

namespace MLNetMeta.Samples;

/// <summary>
/// Stores the contribution that is not acknowledged yet, and a log of the acknowledged ones. After a kill, the process sends the same
/// contribution again, and the server counts it once.
/// </summary>
internal sealed class Outbox
{
    private readonly string _unsent;
    private readonly string _log;

    public Outbox(string folder)
    {
        Directory.CreateDirectory(folder);
        (_unsent, _log) = (Path.Combine(folder, "unsent.contribution"), Path.Combine(folder, "acknowledged.csv"));
    }

    /// <summary>The revision of the last contribution; −1 before the first.</summary>
    public int LastRevision { get; private set; } = -1;

    public LearnerContribution? Unsent()
    {
        if (!File.Exists(_unsent))
        {
            return null;
        }

        using var stream = File.OpenRead(_unsent);
        return LearnerContribution.Load(stream);
    }

    public void Put(LearnerContribution contribution)
    {
        contribution.Save(_unsent);
        LastRevision = contribution.Revision;
    }

    /// <summary>The server has accepted the contribution.</summary>
    public void Acknowledged(LearnerContribution contribution)
    {
        File.AppendAllText(_log, string.Create(CultureInfo.InvariantCulture, $"{contribution.Id:N},{contribution.Tasks}\n"));
        File.Delete(_unsent);
    }

    /// <summary>The server has rejected the contribution.</summary>
    public void Refused() => File.Delete(_unsent);
}
