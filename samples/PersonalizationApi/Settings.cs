using System.ComponentModel.DataAnnotations;

namespace PersonalizationApi;

/// <summary>The section "Personalization" of the configuration.</summary>
internal sealed record Settings
{
    /// <summary>Path of the learner file.</summary>
    public string Learner { get; init; } = "";

    /// <summary>Where the tasks of the users are kept.</summary>
    [Required]
    public string Folder { get; init; } = "users";

    /// <summary>Adapted models kept in memory; the others are learned again from their rows when needed.</summary>
    [Range(1, 1_000_000)]
    public int CachedModels { get; init; } = 1000;

    /// <summary>Most rows of one learn request.</summary>
    [Range(1, 1_000_000)]
    public int MaxSupportRows { get; init; } = 500;

    /// <summary>Most rows of one predict request.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueryRows { get; init; } = 10_000;

    /// <summary>Most bytes of the answer to a predict request: rows × (labels and a number for each class).</summary>
    [Range(1, int.MaxValue)]
    public int MaxAnswerBytes { get; init; } = 16 << 20;

    /// <summary>Most bytes of a request.</summary>
    [Range(1, int.MaxValue)]
    public int MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Bytes of bodies and scores in memory at once, over all requests; what is made of them takes about four times as much.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long MaxBytesInFlight { get; init; } = 32 << 20;

    /// <summary>Requests whose bodies are read that are worked on at once; more are told to come back later.</summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentRequests { get; init; } = 256;

    /// <summary>
    /// Requests of one user at once, from the first byte to the last of the answer; of one address, where no user is named.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxRequestsPerUser { get; init; } = 16;

    /// <summary>Connections at once, idle ones included; stay well below the process's limit of open files, often 1,024.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 500;

    /// <summary>A connection on which a body is sent, or an answer read, more slowly than this is ended after ten seconds.</summary>
    [Range(1, 1_000_000)]
    public int MinBytesPerSecond { get; init; } = 2000;

    /// <summary>The key of each tenant, by its name; without any, everybody who reaches the service is any user.</summary>
    [Required]
    public IReadOnlyDictionary<string, string> ApiKeys { get; init; } = new Dictionary<string, string>();

    /// <summary>ONNX Runtime's execution provider, for example "Cuda:0 or Cpu".</summary>
    public string ExecutionProvider { get; init; } = "Cpu";
}
