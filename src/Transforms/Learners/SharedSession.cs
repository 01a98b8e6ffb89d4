using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Learners;

/// <summary>One ONNX Runtime session for all threads and all adapted models of a learner, created when first needed.</summary>
internal sealed class SharedSession : IDisposable
{
    private readonly Lazy<OpenSession> _session;
    private readonly UseCount _uses;

    /// <param name="model">The model's bytes.</param>
    /// <param name="threads">Threads within one operator.</param>
    /// <param name="provider">What computes. An accelerator is asked for at once, so that it is known to be there.</param>
    public SharedSession(Func<byte[]> model, int threads, ExecutionProvider provider)
    {
        _session = new Lazy<OpenSession>(() => OpenSession.Create(model(), threads, provider));
        _uses = new UseCount(Throw.DisposedLearner, Release);
        Provider = provider == ExecutionProvider.Cpu ? provider : _session.Value.Provider;
    }

    /// <summary>What really computes.</summary>
    public ExecutionProvider Provider { get; }

    /// <summary>Why the processor is used instead of the provider that was asked for; null when it is not.</summary>
    public string? FallbackReason => _session.IsValueCreated ? _session.Value.FallbackReason : null;

    /// <summary>True once the native session exists.</summary>
    public bool IsCreated => _session.IsValueCreated;

    /// <summary>Creates the native session now.</summary>
    /// <exception cref="FormatException">ONNX Runtime refuses the model.</exception>
    public void Create()
    {
        using var use = _uses.Enter();
        _ = _session.Value;
    }

    /// <summary>Runs into outputs that the caller has allocated.</summary>
    public void Run(
        IReadOnlyCollection<string> inputs,
        IReadOnlyCollection<OrtValue> values,
        IReadOnlyCollection<string> outputs,
        IReadOnlyCollection<OrtValue> results)
    {
        using var use = _uses.Enter();
        try
        {
            _session.Value.Session.Run(_session.Value.PlainRun, inputs, values, outputs, results);
        }
        catch (OnnxRuntimeException exception)
        {
            throw Throw.FailedRun(exception);
        }
    }

    /// <summary>Runs, and lets ONNX Runtime allocate the outputs, which belong to the caller.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while running.</exception>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        IReadOnlyCollection<string> inputs,
        IReadOnlyCollection<OrtValue> values,
        IReadOnlyCollection<string> outputs,
        CancellationToken cancellation)
    {
        using var use = _uses.Enter();
        using var options = OpenSession.CreateRun();
        using var stop = cancellation.Register(() => options.Terminate = true);
        try
        {
            return _session.Value.Session.Run(options, inputs, values, outputs);
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (OnnxRuntimeException exception)
        {
            throw Throw.FailedRun(exception);
        }
    }

    public void Dispose() => _uses.Close();

    private void Release()
    {
        if (_session.IsValueCreated)
        {
            _session.Value.Dispose();
        }
    }
}
