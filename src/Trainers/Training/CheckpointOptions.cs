using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>Where and how often the state of a training is kept.</summary>
/// <remarks>
/// An existing file of the same options and data is resumed. Where the file cannot be written, as on a full disk, a warning is logged, the
/// training goes on and tries again at the next checkpoint. After the last meta-step too this is a warning, since the learner is there.
/// Only a cancelled training, which the checkpoint is all that is left of, then fails with an <see cref="IOException"/>.
/// </remarks>
public sealed record CheckpointOptions
{
    /// <summary>A checkpoint in a file.</summary>
    /// <param name="path">The file; its folder exists.</param>
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
