using Microsoft.ML.OnnxRuntime;

namespace MLNetMeta.Transforms;

/// <summary>Scores up to a fixed number of rows per call, in buffers that it reuses. One thread at a time; many may share one
/// learner.</summary>
internal sealed class BatchScorer : IDisposable
{
    private readonly Learner _learner;
    private readonly AdaptedParameters _adapted;
    private readonly int _width;
    private readonly float[] _queries;
    private readonly float[] _standardized;
    private readonly float[] _scores;
    private readonly OrtValue[] _inputs;
    private readonly OrtValue[] _outputs = new OrtValue[1];
    private readonly int _rawWidth;
    private int _boundRows;

    // ONNX Runtime multiplies a single row by another kernel, whose sums round otherwise than in batches. A second row of zeros
    // keeps a matrix product the same, to the last bit, in whatever company its row is scored.
    private const int FewestRows = 2;

    public BatchScorer(Learner learner, AdaptedParameters adapted, int rawWidth, int capacity)
    {
        _learner = learner;
        _adapted = adapted;
        _rawWidth = rawWidth;
        capacity = Math.Max(capacity, FewestRows);
        _width = learner.FeatureCount;
        _queries = new float[capacity * _width];
        _standardized = learner.Standardizer is null ? _queries : new float[_queries.Length];
        _scores = new float[capacity * rawWidth];
        _inputs = [null!, .. adapted.Values];
    }

    /// <summary>Where to write the features of row <paramref name="row"/> of the next batch.</summary>
    public Span<float> Query(int row) => _queries.AsSpan(row * _width, _width);

    /// <summary>The learner's outputs for row <paramref name="row"/> of the last batch.</summary>
    public ReadOnlySpan<float> Scores(int row) => _scores.AsSpan(row * _rawWidth, _rawWidth);

    /// <summary>Scores the first <paramref name="rows"/> rows, at least one.</summary>
    public void Run(int rows)
    {
        _learner.Standardizer?.Apply(_queries.AsSpan(0, rows * _width), _standardized);
        if (rows < FewestRows)
            _standardized.AsSpan(rows * _width, _width).Clear();
        Bind(Math.Max(rows, FewestRows));
        using var use = _adapted.Use();
        _learner.Score(_inputs, _outputs);
    }

    public void Dispose()
    {
        if (_boundRows == 0)
            return;
        _boundRows = 0;
        _inputs[0].Dispose();
        _outputs[0].Dispose();
    }

    /// <summary>Native tensors over the buffers have a fixed shape: only the last, shorter batch needs new ones.</summary>
    private void Bind(int rows)
    {
        if (rows == _boundRows)
            return;
        Dispose();
        _inputs[0] = View(_standardized, rows, _width);
        _outputs[0] = View(_scores, rows, _rawWidth);
        _boundRows = rows;
    }

    private static OrtValue View(float[] buffer, int rows, int columns) =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, buffer.AsMemory(0, rows * columns), [rows, columns]);
}
