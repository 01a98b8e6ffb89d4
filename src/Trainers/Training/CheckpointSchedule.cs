using System.Diagnostics;
using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers.Training;

/// <summary>When a checkpoint is written, and what follows where it cannot be.</summary>
/// <remarks>
/// A full disk must not cost hours of training: while the training runs, and at its end, where the learner is handed over anyway, a failure
/// is a warning and the next checkpoint is tried again. Only an interruption, after which the file would be all that is left, fails.
/// </remarks>
/// <param name="file">The file; null where no checkpoint is wanted.</param>
/// <param name="interval">Time between two of them.</param>
/// <param name="log">Gets the warnings.</param>
internal sealed class CheckpointSchedule(CheckpointFile? file, TimeSpan interval, ITrainingLog log)
{
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();

    /// <summary>Writes when the interval has passed.</summary>
    public void WriteWhenDue(MetaTrainingState state)
    {
        if (_sinceLast.Elapsed >= interval)
        {
            TryWrite(state, "Training continues and tries again at the next checkpoint.");
            _sinceLast.Restart();
        }
    }

    /// <summary>Writes at the end of the training.</summary>
    public void WriteLast(MetaTrainingState state) =>
        TryWrite(state, "The training is complete: save the learner.");

    /// <summary>Writes what an interrupted training is resumed from.</summary>
    /// <exception cref="IOException">It cannot be written; the message names the file and says what to do.</exception>
    public void WriteInterrupted(MetaTrainingState state)
    {
        try
        {
            file?.Write(state);
        }
        catch (Exception failure) when (IsOfTheDisk(failure))
        {
            throw TrainerThrow.InterruptedWithoutCheckpoint(file!.Path, state.Step, failure);
        }
    }

    private void TryWrite(MetaTrainingState state, string consequence)
    {
        try
        {
            file?.Write(state);
        }
        catch (Exception failure) when (IsOfTheDisk(failure))
        {
            log.Warn($"The checkpoint '{file!.Path}' could not be written at meta-step {state.Step}: {failure.Message} {consequence}");
        }
    }

    private static bool IsOfTheDisk(Exception failure) => failure is IOException or UnauthorizedAccessException;
}
