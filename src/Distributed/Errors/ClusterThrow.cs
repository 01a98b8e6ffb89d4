namespace MLNetMeta.Distributed.Errors;

/// <summary>Every error of this library: what is wrong, the value, what is allowed, what to do.</summary>
internal static class ClusterThrow
{
#pragma warning disable CA2208 // The parameter belongs to the public method that calls, not to the method here.
    public static ArgumentException NoPartitions(string folder, string pattern) => new(
        $"The folder '{folder}' does not exist, or contains no {pattern} files.", nameof(folder));

    public static ArgumentException NoFiles() => new("There are no files: a source needs at least one.", "files");

    public static ArgumentException FolderInUse(string folder) => new(
        $"The folder '{folder}' already contains *.parquet files: choose an empty folder, or delete them.", nameof(folder));

    public static ArgumentException CannotServe(string what, string advice) => new(
        $"Compute.Orleans and Compute.Partitions support the contrastive rule on a task column only, not {what}: {advice}.", "Compute");
#pragma warning restore CA2208

    public static FormatException NoColumn(string file, string name, string[] names) => new(
        $"{(file == "the view" ? "The view" : $"'{file}'")} has no column '{name}'; its columns are {string.Join(", ", names)}.");

    public static FormatException NoFeatures(string file, string[] names) => new(
        $"'{file}' has no feature column besides task, label and weight; its columns are {string.Join(", ", names)}.");

    public static FormatException SeveralClassColumns(string file, string label) => new(
        $"'{file}' has several columns '{label}.0', '{label}.1', …: a classification takes one label.");

    public static FormatException ColumnType(string file, string column, string type, string expected) => new(
        $"Column '{column}' of {(file == "the view" ? file : $"'{file}'")} is {type}; it must be {expected}.");

    public static ArgumentException KeysWithoutNames(string label) => new(
        $"The keys of column '{label}' have no names, so partitions cannot match their classes: make them with MapValueToKey.");

    public static InvalidOperationException MemoryLimit(long bytes, long limit) => new(string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"its rows take {bytes / 1e6:F1} MB, but the silo may use only {limit / 1e6:F1} MB: raise MemoryLimit, or make more partitions."));

    public static InvalidOperationException PartitionFailed(int partition, string message) => new(
        $"Partition {partition} cannot be used: {message}");

    public static InvalidOperationException OtherColumns(int partition, string what, string first) => new(
        $"Partition {partition} has {what}, but partition 0 has {first}: all partitions need the same columns.");

    public static InvalidOperationException TaskTwice(string task, int first, int second) => new(
        $"Task '{task}' has rows in partitions {first} and {second}: all rows of a task must be in one partition.");

    public static InvalidOperationException OtherVersion(int partition, string silo, string driver) => new(
        $"The silo of partition {partition} runs version {silo} of MLNetMeta.Distributed, this program {driver}: update the older one.");

    public static InvalidOperationException ClusterLost(int partition, TimeSpan limit, Exception last) => new(string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"Partition {partition} has not answered for {limit:c}: the cluster is lost, or too slow for this limit. Start silos, and ")
        + $"train again: training resumes from its checkpoint if it has one. The last failure: {last.Message}", last);

    /// <summary>The failure that <see cref="ClusterLost"/> gives while there is no other.</summary>
    public static TimeoutException NoAnswer() => new("No silo has answered.");

    public static InvalidOperationException NoRows() => new(
        "This view has columns but no rows: the rows are in partitions. Pass it to Fit of a trainer with Compute = Compute.Orleans(…) "
        + "or Compute.Partitions(…).");
}
