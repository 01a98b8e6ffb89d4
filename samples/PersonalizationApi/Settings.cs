using System.ComponentModel.DataAnnotations;

namespace PersonalizationApi;

/// <summary>The section "Personalization" of the configuration.</summary>
internal sealed record Settings
{
    /// <summary>Path of the learner file.</summary>
    public string Learner { get; init; } = "";

    /// <summary>Folder for the tasks of the users.</summary>
    [Required]
    public string Folder { get; init; } = "users";

    /// <summary>Number of adapted models in memory. The others are learned again from their rows when needed.</summary>
    [Range(1, 1_000_000)]
    public int CachedModels { get; init; } = 1000;

    /// <summary>Maximum number of rows of a learn request.</summary>
    [Range(1, 1_000_000)]
    public int MaxSupportRows { get; init; } = 500;

    /// <summary>Maximum number of rows of a predict request.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueryRows { get; init; } = 10_000;

    /// <summary>Maximum number of bytes of the answer to a predict request: rows × (labels and a number for each class).</summary>
    [Range(1, int.MaxValue)]
    public int MaxAnswerBytes { get; init; } = 16 << 20;

    /// <summary>Maximum number of bytes of a request.</summary>
    [Range(1, int.MaxValue)]
    public int MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Maximum number of bytes of bodies and scores in memory at once, over all requests. The objects created from them take about four
    /// times as much.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long MaxBytesInFlight { get; init; } = 32 << 20;

    /// <summary>
    /// Number of requests with a completely read body that are processed at once. Further requests are told to come back later.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentRequests { get; init; } = 256;

    /// <summary>
    /// Number of requests of one user at once, from the first byte of the request to the last byte of the answer. Requests without a user
    /// are counted per address.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxRequestsPerUser { get; init; } = 16;

    /// <summary>
    /// Number of connections at once, including idle ones. Keep it well below the process's limit of open files, often 1,024.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 500;

    /// <summary>A connection that sends a body or reads an answer more slowly than this is closed after ten seconds.</summary>
    [Range(1, 1_000_000)]
    public int MinBytesPerSecond { get; init; } = 2000;

    /// <summary>The key of each tenant, by tenant name. Without keys, everybody who can reach the service can act as any user.</summary>
    [Required]
    public IReadOnlyDictionary<string, string> ApiKeys { get; init; } = new Dictionary<string, string>();

    /// <summary>ONNX Runtime's execution provider, for example "Cuda:0 or Cpu".</summary>
    public string ExecutionProvider { get; init; } = "Cpu";
}
