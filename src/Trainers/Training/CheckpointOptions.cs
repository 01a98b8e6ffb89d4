using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>Where and how often the state of a training is saved.</summary>
/// <remarks>
/// Training resumes from an existing file with the same options and data. If the file cannot be written, for example because the disk is
/// full, a warning is logged. The training continues and tries again at the next checkpoint. After the last meta-step this is also only a
/// warning, because the learner is available. A cancelled training fails with an <see cref="IOException"/> in this case, because only the
/// checkpoint would be left of it.
/// </remarks>
/// <example>
/// <code>
/// // Run the same program again after an interruption: it continues.
/// var options = new ComplexSynapseTrainer.Options
/// {
///     Tasks = new TaskColumn("Machine"),
///     Checkpoint = new CheckpointOptions("machines.checkpoint") { Interval = TimeSpan.FromMinutes(5) },
/// };
/// </code>
/// </example>
public sealed record CheckpointOptions
{
    /// <summary>A checkpoint in a file.</summary>
    /// <param name="path">The file. Its folder must exist.</param>
    public CheckpointOptions(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Time between two checkpoints, above zero. Default one minute.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <exception cref="ArgumentException">The path is empty, or the interval is not above zero.</exception>
    internal void Validate()
    {
        var check = new OptionCheck("Checkpoint");
        check.Within(Path ?? "null", !string.IsNullOrWhiteSpace(Path), nameof(Path), "the path of a file");
        check.Within(Interval, Interval > TimeSpan.Zero, nameof(Interval), "longer than zero");
    }

    /// <summary>Whether a checkpoint can lie there.</summary>
    /// <exception cref="InvalidOperationException">The path is that of a folder.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder of the file does not exist.</exception>
    internal void CheckFolder()
    {
        if (Directory.Exists(Path))
        {
            throw TrainerThrow.CheckpointIsFolder(Path);
        }

        if (!Directory.Exists(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))))
        {
            throw TrainerThrow.NoCheckpointFolder(Path);
        }
    }
}
