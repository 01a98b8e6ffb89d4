using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms;

public sealed partial class Learner
{
    /// <summary>
    /// The resources that a learner file may use on this machine. A learner file is a program. Without limits, a file from elsewhere could
    /// keep a processor busy forever. The defaults are far above the needs of files that meta-training writes.
    /// </summary>
    public sealed record Limits
    {
        private readonly int _steps = 100_000;
        private readonly int _nodes = 100_000;
        private readonly long _fileSize = 1L << 30;
        private readonly TimeSpan _adaptationTime = TimeSpan.FromMinutes(10);

        /// <summary>Maximum number of inner steps that a file may take by default, at least 0. Default 100,000.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
        public int Steps
        {
            get => _steps;
            init => _steps = value >= 0 ? value : throw Throw.OptionTooSmall(nameof(Steps), value, 0);
        }

        /// <summary>Maximum number of operators in a file's graph and the bodies of its loops, at least 1. Default 100,000.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
        public int Nodes
        {
            get => _nodes;
            init => _nodes = value >= 1 ? value : throw Throw.OptionTooSmall(nameof(Nodes), value, 1);
        }

        /// <summary>Maximum file size in bytes, from 1 to 2,147,483,591, the longest array of .NET. Default 1 GiB.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Out of this range.</exception>
        public long FileSize
        {
            get => _fileSize;
            init => _fileSize = value >= 1 && value <= Array.MaxLength
                ? value
                : throw Throw.OptionOutOfRange(nameof(FileSize), value, 1, Array.MaxLength);
        }

        /// <summary>Maximum time of one adaptation, more than 0, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit. Default 10
        /// minutes. When it is exceeded, Fit throws a <see cref="TimeoutException"/>.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Zero or negative, or more than 49 days.</exception>
        public TimeSpan AdaptationTime
        {
            get => _adaptationTime;
            init => _adaptationTime = value == Timeout.InfiniteTimeSpan
                || value > TimeSpan.Zero && value < TimeSpan.FromMilliseconds(uint.MaxValue - 1)
                ? value
                : throw Throw.OptionOutOfRange(nameof(AdaptationTime), value, TimeSpan.Zero, TimeSpan.FromDays(49));
        }
    }
}
