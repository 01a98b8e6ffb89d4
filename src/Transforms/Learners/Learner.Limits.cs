using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms;

public sealed partial class Learner
{
    /// <summary>
    /// What a learner file may ask of this machine. A learner file is a program: without limits one from elsewhere could keep a processor
    /// busy for ever. The defaults are far above what meta-training writes.
    /// </summary>
    public sealed record Limits
    {
        private readonly int _steps = 100_000;
        private readonly int _nodes = 100_000;
        private readonly long _fileSize = 1L << 30;
        private readonly TimeSpan _adaptationTime = TimeSpan.FromMinutes(10);

        /// <summary>Most inner steps that a file may take by default, at least 0; default 100,000.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
        public int Steps
        {
            get => _steps;
            init => _steps = value >= 0 ? value : throw Throw.OptionTooSmall(nameof(Steps), value, 0);
        }

        /// <summary>Most operators in a file's graph and the bodies of its loops, at least 1; default 100,000.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
        public int Nodes
        {
            get => _nodes;
            init => _nodes = value >= 1 ? value : throw Throw.OptionTooSmall(nameof(Nodes), value, 1);
        }

        /// <summary>Largest file, in bytes, from 1 to 2,147,483,591, the longest array of .NET; default 1 GiB.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Out of this range.</exception>
        public long FileSize
        {
            get => _fileSize;
            init => _fileSize = value >= 1 && value <= Array.MaxLength
                ? value
                : throw Throw.OptionOutOfRange(nameof(FileSize), value, 1, Array.MaxLength);
        }

        /// <summary>Longest time of one adaptation, more than 0, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit; default 10
        /// minutes. Fit then ends with a <see cref="TimeoutException"/>.</summary>
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
