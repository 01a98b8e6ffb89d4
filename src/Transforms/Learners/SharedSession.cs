using Microsoft.ML.OnnxRuntime;

namespace MLNetMeta.Transforms;

/// <summary>One ONNX Runtime session for all threads and all adapted models of a learner, created when first needed.</summary>
internal sealed class SharedSession : IDisposable
{
    private readonly Lazy<InferenceSession> _session;
    private readonly UseCount _uses;

    public SharedSession(Func<byte[]> model, Learner.Options options)
    {
        _session = new Lazy<InferenceSession>(() => Create(model(), options.NumberOfThreads));
        _uses = new UseCount(Throw.DisposedLearner, Release);
    }

    /// <summary>True once the native session exists.</summary>
    public bool IsCreated => _session.IsValueCreated;

    /// <summary>Runs into outputs that the caller has allocated.</summary>
    public void Run(
        IReadOnlyCollection<string> inputs,
        IReadOnlyCollection<OrtValue> values,
        IReadOnlyCollection<string> outputs,
        IReadOnlyCollection<OrtValue> results)
    {
        using var use = _uses.Enter();
        using var options = new RunOptions();
        try
        {
            _session.Value.Run(options, inputs, values, outputs, results);
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
        using var options = new RunOptions();
        using var stop = cancellation.Register(() => options.Terminate = true);
        try
        {
            return _session.Value.Run(options, inputs, values, outputs);
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
            _session.Value.Dispose();
    }

    private static InferenceSession Create(byte[] model, int threads)
    {
        using var options = new SessionOptions
        {
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            return new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw Throw.DamagedLearner("ONNX Runtime refuses its graph: " + exception.Message, exception);
        }
    }
}
