using TorchSharp;

namespace MLNetMeta.Trainers.Torch;

/// <summary>
/// Keeps libtorch to one thread while it works for the current one: tasks are what is parallel. Disposed by the thread that began it.
/// </summary>
/// <remarks>
/// libtorch has a number of threads for the process, which a thread takes over when it first uses libtorch, and from then on one for that
/// thread. Trainings may overlap, and a later one would find the 1 of an earlier one: so the number is remembered when the first use
/// begins, and every thread returns to it. When the last use has ended, process and threads have what they had. All uses ask for one
/// thread, so those that overlap cannot disagree; a number that the program sets during a training lasts until the training ends.
/// </remarks>
internal sealed class OneTorchThread : IDisposable
{
    private static readonly Lock _lock = new();
    private static int _uses;
    private static int _before;

    [ThreadStatic]
    private static int _usesOfThread;

    private OneTorchThread()
    {
    }

    public static OneTorchThread Begin()
    {
        lock (_lock)
        {
            // Asked even where the answer is not needed: only then has this thread taken over
            // the number of the process, and does not do so later.
            var now = torch.get_num_threads();
            if (_uses++ == 0)
            {
                _before = now;
            }

            if (_usesOfThread++ == 0)
            {
                torch.set_num_threads(1);
            }
        }

        return new OneTorchThread();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _uses--;
            if (--_usesOfThread == 0)
            {
                torch.set_num_threads(_before);
            }
        }
    }
}
