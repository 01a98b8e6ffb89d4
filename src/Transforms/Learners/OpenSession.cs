using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Learners;

/// <summary>A native session, and what it really computes with.</summary>
internal sealed class OpenSession : IDisposable
{
    private OpenSession(InferenceSession session, ExecutionProvider provider, string? fallbackReason)
    {
        Session = session;
        Provider = provider;
        FallbackReason = fallbackReason;
    }

    public InferenceSession Session { get; }

    /// <summary>The settings of runs that nobody cancels: the same for all, never changed.</summary>
    public RunOptions PlainRun { get; } = CreateRun();

    /// <summary>Settings of a run. A failure is an exception, which says all; ONNX Runtime prints none of it, nor that a run was
    /// cancelled.</summary>
    public static RunOptions CreateRun() => new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };

    /// <summary>The provider in use.</summary>
    public ExecutionProvider Provider { get; }

    /// <summary>Why the processor is used instead of the provider that was asked for; null when it is not.</summary>
    public string? FallbackReason { get; }

    /// <exception cref="FormatException">ONNX Runtime refuses the model.</exception>
    /// <exception cref="NotSupportedException">The provider is not available, and there is no fallback.</exception>
    /// <exception cref="DllNotFoundException">The app lacks ONNX Runtime's native library.</exception>
    public static OpenSession Create(byte[] model, int threads, ExecutionProvider provider)
    {
        OnnxRuntimeLibrary.EnsureLoaded();
        try
        {
            return new OpenSession(CreateOn(provider), provider, null);
        }
        catch (NotSupportedException exception) when (provider.FallbackToCpu)
        {
            return new OpenSession(CreateOn(ExecutionProvider.Cpu), ExecutionProvider.Cpu, exception.Message);
        }

        InferenceSession CreateOn(ExecutionProvider provider)
        {
            using var options = new SessionOptions
            {
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                IntraOpNumThreads = threads,
                InterOpNumThreads = 1,
                EnableCpuMemArena = false,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            ExecutionProviders.Append(options, provider);
            try
            {
                return new InferenceSession(model, options);
            }
            catch (OnnxRuntimeException exception) when (provider == ExecutionProvider.Cpu)
            {
                throw Throw.DamagedLearner("ONNX Runtime rejects its graph: " + exception.Message, exception);
            }
            catch (OnnxRuntimeException exception)
            {
                throw Throw.MissingProvider(provider.ToString(), exception.Message, ExecutionProviders.Package(provider), exception);
            }
        }
    }

    public void Dispose()
    {
        PlainRun.Dispose();
        Session.Dispose();
    }
}
