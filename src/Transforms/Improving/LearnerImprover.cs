using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Improving;
using MLNetMeta.Transforms.Learners;

namespace MLNetMeta.Transforms;

/// <summary>
/// Improves a learner with the contributions of many apps. It merges contributions, takes steps of the meta-optimiser in ONNX Runtime, and
/// writes the next revision of the learner file. It never sees a row and needs no libtorch.
/// </summary>
/// <remarks>
/// <para>Created by <c>ml.MetaLearning().OpenImprover(folder, learner)</c>. Thread-safe. A folder can have only one improver at a
/// time.</para>
/// <para>
/// Nothing that was acknowledged is lost. A contribution is on disk before <see cref="Add(LearnerContribution)"/> returns. Whenever the
/// process ends, a step has either happened completely or not at all. Each contribution is merged once, however often it is sent.
/// </para>
/// <para>
/// A step is θ ← θ − η · d(Σ wᵢ Gᵢ / Σ wᵢ nᵢ), with contributions Gᵢ of nᵢ tasks, weights (1 + age)^−s, and the direction d of the
/// meta-optimiser that the learner was meta-trained with. A step does not change the temperatures of probabilities or the prediction
/// intervals.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// using var improver = ml.MetaLearning().OpenImprover("revisions", learner);
/// using var contribution = File.OpenRead("contribution.bin");   // what an app has sent
/// improver.Add(contribution);
/// if (improver.TryImprove())
/// {
///     Console.WriteLine($"revision {improver.Current.Number}");
/// }
/// </code>
/// </example>
public sealed class LearnerImprover : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ImproverOptions _options;
    private readonly IHost _host;
    private readonly Improvement _improvement;
    private readonly ImproverFolder _folder;
    private readonly MetaOptimizerGraph _optimizer;
    private readonly RevisedLearner _file;
    private readonly List<(string File, LearnerContribution Contribution)> _pending;
    private ImproverState _state;
    private LearnerRevision _current;
    private bool _isDisposed;

    internal LearnerImprover(MLContext context, string folder, Learner learner, ImproverOptions options)
    {
        options.Validate();
        _options = options;
        _host = ((IHostEnvironment)context).Register(nameof(LearnerImprover));
        _improvement = learner.Improvement ?? throw Throw.NotImprovable(learner.Kind);
        _folder = new ImproverFolder(folder);
        try
        {
            _optimizer = new MetaOptimizerGraph(_improvement, learner.RunOptions.Limits);
            _file = new RevisedLearner(learner);
            _state = _folder.ReadState() is { } kept ? Check(kept, folder) : First();
            _current = new LearnerRevision(_state.Revision, _file.Write(Theta, _state.Revision));
            _folder.WriteLearner(_current.File);
            _pending = _folder.ReadPending();
            // A step that happened, and whose process ended before it had tidied up.
            Forget(_pending.Where(pending => _state.Merged.Any(merged => merged.Id == pending.Contribution.Id)).ToArray());
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>The current revision of the learner; also the file <c>learner.onnx</c> of the folder.</summary>
    public LearnerRevision Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <summary>Number of tasks in the contributions that wait for a step.</summary>
    public int PendingTasks
    {
        get
        {
            lock (_gate)
            {
                return _pending.Sum(pending => pending.Contribution.Tasks);
            }
        }
    }

    /// <summary>Number of tasks that have been merged so far, over all revisions.</summary>
    public long MergedTasks
    {
        get
        {
            lock (_gate)
            {
                return _state.Tasks;
            }
        }
    }

    /// <summary>Accepts a contribution, or says why not. An accepted contribution is on disk.</summary>
    /// <param name="contribution">A contribution that an app has computed with the current revision, or with one that is not too
    /// old.</param>
    /// <exception cref="IOException">It could not be written, and is not accepted.</exception>
    /// <exception cref="ObjectDisposedException">The improver was disposed.</exception>
    public ContributionReceipt Add(LearnerContribution contribution)
    {
        ArgumentNullException.ThrowIfNull(contribution);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var receipt = Judge(contribution);
            if (receipt.Verdict == ContributionVerdict.Accepted)
            {
                _pending.Add((_folder.Keep(contribution), contribution));
            }

            return receipt;
        }
    }

    /// <summary>Reads a contribution from a stream and accepts it. A gradient longer than θ is refused before it is read.</summary>
    /// <param name="contribution">A readable stream; stays open.</param>
    /// <exception cref="FormatException">It is damaged, truncated, too long or not a contribution.</exception>
    /// <exception cref="NotSupportedException">It was written by a newer version of this library.</exception>
    /// <exception cref="IOException">It could not be written, and is not accepted.</exception>
    /// <exception cref="ObjectDisposedException">The improver was disposed.</exception>
    public ContributionReceipt Add(Stream contribution) =>
        Add(LearnerContribution.Load(contribution, _improvement.Theta.Length / sizeof(float)));

    /// <summary>Takes a step if contributions with <see cref="ImproverOptions.TasksPerStep"/> tasks are waiting.</summary>
    /// <returns>Whether there is a new revision.</returns>
    /// <exception cref="IOException">The new revision could not be written. The old one and all contributions are kept.</exception>
    /// <exception cref="InvalidOperationException">θ would not be finite. Nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The improver was disposed.</exception>
    public bool TryImprove()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (PendingTasks < _options.TasksPerStep)
            {
                return false;
            }

            var merged = _pending.ToArray();
            var (theta, optimizer) = Step([.. merged.Select(pending => pending.Contribution)]);
            var next = Next(theta, optimizer, merged);
            var file = _file.Write(theta, next.Revision);
            _folder.WriteState(next); // From here on the step has happened.
            (_state, _current) = (next, new LearnerRevision(next.Revision, file));
            Forget(merged);
            _folder.WriteLearner(file);
            using var channel = _host.Start("Improve");
            channel.Info(
                MessageSensitivity.None, "Revision {0}: {1} contributions of {2} tasks", next.Revision, merged.Length,
                merged.Sum(pending => pending.Contribution.Tasks));
            return true;
        }
    }

    /// <summary>Releases the folder. Waiting contributions are read again when it is opened again.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Release();
        }
    }

    private float[] Theta => MemoryMarshal.Cast<byte, float>(_state.Theta).ToArray();

    private int AgeOf(LearnerContribution contribution) => _state.Revision - contribution.Revision;

    private ContributionReceipt Judge(LearnerContribution contribution)
    {
        if (contribution.Lineage != _state.Lineage || contribution.Gradient.Length * sizeof(float) != _state.Theta.Length)
        {
            return Of(ContributionVerdict.OtherLearner, "The contribution is from another learner.");
        }

        if (_state.Merged.Any(merged => merged.Id == contribution.Id)
            || _pending.Any(pending => pending.Contribution.Id == contribution.Id))
        {
            return Of(ContributionVerdict.AlreadyKnown, "The contribution was already accepted.");
        }

        var age = AgeOf(contribution);
        if (age < 0)
        {
            return Of(
                ContributionVerdict.UnknownRevision, $"Its revision is {contribution.Revision}; the current one is {_state.Revision}.");
        }

        if (age > _options.MaximumAge)
        {
            return Of(
                ContributionVerdict.TooOld,
                $"Its revision is {contribution.Revision}; the current one is {_state.Revision}, and contributions may be at most "
                + $"{_options.MaximumAge} older. Compute it again with the current learner.");
        }

        if (age >= _state.ThetaChecksums.Length || _state.ThetaChecksums[^(age + 1)] != contribution.ThetaChecksum)
        {
            return Of(
                ContributionVerdict.OtherLearner, $"Its slow parameters differ from those of revision {contribution.Revision} here.");
        }

        if (contribution.Tasks > _options.MaximumTasks)
        {
            return Of(
                ContributionVerdict.TooManyTasks, $"It has {contribution.Tasks} tasks; at most {_options.MaximumTasks} are accepted.");
        }

        var norm = GradientSum.Norm(contribution.Gradient.Span);
        if (!double.IsFinite(norm) || contribution.EvaluationLoss is { } loss && !double.IsFinite(loss))
        {
            return Of(ContributionVerdict.NotFinite, "It contains numbers that are not finite.");
        }

        return norm > _options.MaximumNorm * contribution.Tasks
            ? Of(
                ContributionVerdict.TooLong,
                FormattableString.Invariant(
                    $"Its norm per task is {norm / contribution.Tasks:G4}; at most {_options.MaximumNorm} is accepted."))
            : Of(ContributionVerdict.Accepted, $"Accepted for the step after revision {_state.Revision}.");

        static ContributionReceipt Of(ContributionVerdict verdict, string message) => new(verdict, message);
    }

    private (float[] Theta, byte[][] Optimizer) Step(LearnerContribution[] contributions)
    {
        var sum = new GradientSum(_state.Theta.Length / sizeof(float));
        var tasks = 0.0;
        foreach (var contribution in contributions)
        {
            var weight = Math.Pow(1 + AgeOf(contribution), -_options.StalenessExponent);
            sum.Add(contribution.Gradient.Span, weight, _options.ClippingNorm);
            tasks += weight * contribution.Tasks;
        }

        PrivateNoise.AddTo(sum.Numbers, _options.NoiseMultiplier * (_options.ClippingNorm ?? 0));
        var mean = new GradientSum(sum.Numbers.Length);
        mean.Add(sum.Numbers, 1 / tasks);
        var (theta, optimizer) = _optimizer.Step(
            Theta, mean.Numbers, _state.Optimizer, _options.LearningRate ?? _improvement.LearningRate);
        return Array.TrueForAll(theta, float.IsFinite) ? (theta, optimizer) : throw Throw.ImprovementDiverged();
    }

    private ImproverState Next(float[] theta, byte[][] optimizer, (string File, LearnerContribution Contribution)[] merged)
    {
        var revision = _state.Revision + 1;
        var bytes = Improvement.Bytes(theta);
        return _state with
        {
            Revision = revision,
            Theta = bytes,
            Optimizer = optimizer,
            ThetaChecksums =
                [.. _state.ThetaChecksums.TakeLast(_options.MaximumAge), Improvement.Checksum(bytes)],
            Merged =
            [
                .. _state.Merged.Concat(merged.Select(m => new MergedContribution(m.Contribution.Id, m.Contribution.Revision)))
                    // Older ones would be refused anyway. One more is kept, for who asks whether his last one arrived.
                    .Where(m => revision - m.Revision <= _options.MaximumAge + 1),
            ],
            Tasks = _state.Tasks + merged.Sum(m => m.Contribution.Tasks),
        };
    }

    private ImproverState First()
    {
        var state = new ImproverState
        {
            Lineage = _improvement.Lineage,
            Revision = _improvement.Revision,
            Theta = _improvement.Theta,
            Optimizer = _optimizer.Initial,
            ThetaChecksums = [_improvement.ThetaChecksum()],
            Merged = [],
            Tasks = 0,
        };
        _folder.WriteState(state);
        return state;
    }

    private ImproverState Check(ImproverState kept, string folder) =>
        kept.Lineage != _improvement.Lineage ? throw Throw.ImproverOfOtherLearner(folder)
        : kept.Theta.Length != _improvement.Theta.Length || kept.Optimizer.Length != _improvement.State.Length
            || kept.Optimizer.Zip(_improvement.State).Any(pair => pair.First.Length != (pair.Second.Length ?? 1) * sizeof(float))
            ? throw Throw.DamagedImprover(folder, "its parameters do not fit this learner")
        : kept;

    private void Forget((string File, LearnerContribution Contribution)[] contributions)
    {
        foreach (var pending in contributions)
        {
            File.Delete(pending.File);
            _pending.Remove(pending);
        }
    }

    private void Release()
    {
        _folder.Dispose();
        _optimizer?.Dispose();
        _file?.Dispose();
    }
}
