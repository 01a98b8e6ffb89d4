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

    /// <summary>Most bytes of a request.</summary>
    [Range(1, int.MaxValue)]
    public int MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>Requests served at once; more are told to come back later.</summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentRequests { get; init; } = 256;

    /// <summary>ONNX Runtime's execution provider, for example "Cuda:0 or Cpu".</summary>
    public string ExecutionProvider { get; init; } = "Cpu";
}
