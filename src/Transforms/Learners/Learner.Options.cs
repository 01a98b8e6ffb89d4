namespace MLNetMeta.Transforms;

public sealed partial class Learner
{
    /// <summary>How a learner runs on this machine; not part of the learner file.</summary>
    public sealed record Options
    {
        private readonly int _numberOfThreads = 1;
        private readonly ExecutionProvider _executionProvider = ExecutionProvider.Cpu;
        private readonly ExecutionProvider? _adaptationProvider;

        /// <summary>
        /// Threads that ONNX Runtime uses inside one operator, for adaptation and for scoring, at least 1. The default 1 is best
        /// for small networks and for servers, which run many tasks at once; more pays for wide networks and large batches.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
        public int NumberOfThreads
        {
            get => _numberOfThreads;
            init => _numberOfThreads = value >= 1 ? value : throw Throw.OptionTooSmall(nameof(NumberOfThreads), value, 1);
        }

        /// <summary>What scores, and adapts unless <see cref="AdaptationProvider"/> says otherwise; default
        /// <see cref="ExecutionProvider.Cpu"/>.</summary>
        public ExecutionProvider ExecutionProvider
        {
            get => _executionProvider;
            init => _executionProvider = value ?? throw new ArgumentNullException(nameof(ExecutionProvider));
        }

        /// <summary>What adapts; by default what scores. An adaptation is many small steps, one after the other: for small networks
        /// <see cref="ExecutionProvider.Cpu"/> is faster even where a GPU scores.</summary>
        public ExecutionProvider AdaptationProvider
        {
            get => _adaptationProvider ?? ExecutionProvider;
            init => _adaptationProvider = value ?? throw new ArgumentNullException(nameof(AdaptationProvider));
        }
    }
}
