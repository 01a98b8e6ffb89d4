using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MLNetMeta.Distributed.Telemetry;

/// <summary>What a cluster reports of itself through System.Diagnostics: OpenTelemetry and dotnet-counters pick it up by its
/// name.</summary>
internal static class ClusterTelemetry
{
    /// <summary>Name of the meter and of the source of traces.</summary>
    public const string Name = "MLNetMeta.Distributed";

    private static readonly Meter _meter = new(Name);

    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Silo: tasks that were computed. Tag: use.</summary>
    public static Counter<long> Tasks { get; } = _meter.CreateCounter<long>("mlnetmeta.tasks", "{task}", "Tasks that a silo computed.");

    /// <summary>Silo: how long a task takes on its thread, its share of those that were computed together. Tag: use.</summary>
    public static Histogram<double> TaskDuration { get; } =
        _meter.CreateHistogram<double>("mlnetmeta.task.duration", "s", "Time that one task takes on its thread.");

    /// <summary>Silo: how long a partition takes to be read.</summary>
    public static Histogram<double> ReadDuration { get; } =
        _meter.CreateHistogram<double>("mlnetmeta.partition.read.duration", "s", "Time that a partition takes to be read.");

    /// <summary>Silo: rows in memory.</summary>
    public static UpDownCounter<long> Memory { get; } =
        _meter.CreateUpDownCounter<long>("mlnetmeta.partition.memory", "By", "Rows of partitions in memory.");

    /// <summary>Silo: partitions that made room for others.</summary>
    public static Counter<long> Evictions { get; } =
        _meter.CreateCounter<long>("mlnetmeta.partition.evictions", "{partition}", "Partitions whose rows made room for others.");

    /// <summary>Driver: how long a partition takes to answer.</summary>
    public static Histogram<double> RequestDuration { get; } =
        _meter.CreateHistogram<double>("mlnetmeta.request.duration", "s", "Time until a partition's first answer.");

    /// <summary>Driver: requests that were made again. Tag: reason, slow or failed.</summary>
    public static Counter<long> RepeatedRequests { get; } =
        _meter.CreateCounter<long>(
            "mlnetmeta.request.repeats", "{request}", "Requests that were repeated, because a silo was slow or failed.");
}
