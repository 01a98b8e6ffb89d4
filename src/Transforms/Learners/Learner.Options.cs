using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms;

public sealed partial class Learner
{
    /// <summary>How a learner runs on this machine. These options are not part of the learner file.</summary>
    public sealed record Options
    {
        internal const int MostThreads = 256;

        private readonly int _numberOfThreads = 1;
        private readonly Limits _limits = new();
        private readonly ExecutionProvider _executionProvider = ExecutionProvider.Cpu;
        private readonly ExecutionProvider? _adaptationProvider;

        /// <summary>
        /// Threads that ONNX Runtime uses inside one operator, for adaptation and for scoring, at least 1. The default 1 is best for small
        /// networks and for servers, which run many tasks at once. More threads help with wide networks and large batches. At most 256.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">Less than 1, or more than 256.</exception>
        public int NumberOfThreads
        {
            get => _numberOfThreads;
            init => _numberOfThreads = value is >= 1 and <= MostThreads
                ? value
                : throw Throw.OptionOutOfRange(nameof(NumberOfThreads), value, 1, MostThreads);
        }

        /// <summary>The provider for scoring, and for adapting unless <see cref="AdaptationProvider"/> is set. Default
        /// <see cref="ExecutionProvider.Cpu"/>.</summary>
        public ExecutionProvider ExecutionProvider
        {
            get => _executionProvider;
            init => _executionProvider = value ?? throw Throw.NoValue(nameof(ExecutionProvider));
        }

        /// <summary>The provider for adapting. The default is the provider for scoring. An adaptation is many small steps, one after the
        /// other, so for small networks <see cref="ExecutionProvider.Cpu"/> is faster even if a GPU does the scoring.</summary>
        public ExecutionProvider AdaptationProvider
        {
            get => _adaptationProvider ?? ExecutionProvider;
            init => _adaptationProvider = value ?? throw Throw.NoValue(nameof(AdaptationProvider));
        }

        /// <summary>
        /// Whether to create the two sessions of ONNX Runtime when the learner is loaded. Problems with a file or a machine are then found
        /// at once, and the first adaptation is as fast as the next. Useful for services. Default false: each session is created when it is
        /// first needed.
        /// </summary>
        public bool CreateSessionsOnLoad { get; init; }

        /// <summary>The resources that the file may use on this machine. Raise a limit if you know that a file needs more.</summary>
        public Limits Limits
        {
            get => _limits;
            init => _limits = value ?? throw Throw.NoValue(nameof(Limits));
        }

        /// <summary>Whether both options have the same values, set explicitly or by default.</summary>
        /// <param name="other">Other options.</param>
        public bool Equals(Options? other) => other is not null && Values == other.Values;

        /// <inheritdoc/>
        public override int GetHashCode() => Values.GetHashCode();

        private (int, ExecutionProvider, ExecutionProvider, bool, Limits) Values =>
            (NumberOfThreads, ExecutionProvider, AdaptationProvider, CreateSessionsOnLoad, Limits);
    }
}
