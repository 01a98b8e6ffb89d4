using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>Scores up to a fixed number of rows per call, in buffers that it reuses. One thread at a time; many may share one
/// learner.</summary>
internal sealed class BatchScorer : IDisposable
{
    private readonly Learner _learner;
    private readonly AdaptedParameters _adapted;
    private readonly int _width;
    private readonly float[] _queries;
    private readonly SharedFloats _standardized;
    private readonly SharedFloats[] _results;
    private readonly OrtValue[] _inputs;
    private readonly OrtValue[] _outputs;
    private readonly int _rawWidth;
    private int _boundRows;

    // ONNX Runtime multiplies the rows beyond the last multiple of four, and a single row, by other kernels, whose sums round otherwise.
    // Other rows up to that multiple keep a product the same, to the last bit, in whatever company its row is scored.
    private const int RowsTogether = 4;

    public BatchScorer(Learner learner, AdaptedParameters adapted, int rawWidth, int capacity)
    {
        _learner = learner;
        _adapted = adapted;
        _rawWidth = rawWidth;
        capacity = Padded(capacity);
        _width = learner.FeatureCount;
        _standardized = new SharedFloats(capacity * _width);
        _queries = learner.Standardizer is null ? _standardized.Array : new float[capacity * _width];
        // Scores, and half-widths where the learner has intervals.
        _results = [.. Enumerable.Range(0, learner.IntervalCoverage is null ? 1 : 2).Select(_ => new SharedFloats(capacity * rawWidth))];
        _outputs = new OrtValue[_results.Length];
        _inputs = [null!, .. adapted.Values];
    }

    /// <summary>Where to write the features of row <paramref name="row"/> of the next batch.</summary>
    public Span<float> Query(int row) => _queries.AsSpan(row * _width, _width);

    /// <summary>The learner's outputs for row <paramref name="row"/> of the last batch.</summary>
    public ReadOnlySpan<float> Scores(int row) => _results[0].Array.AsSpan(row * _rawWidth, _rawWidth);

    /// <summary>The half-widths of the intervals of row <paramref name="row"/> of the last batch; only of a learner that has
    /// them.</summary>
    public ReadOnlySpan<float> HalfWidths(int row) => _results[1].Array.AsSpan(row * _rawWidth, _rawWidth);

    /// <summary>Scores the first <paramref name="rows"/> rows, at least one.</summary>
    public void Run(int rows)
    {
        _learner.Standardizer?.Apply(_queries.AsSpan(0, rows * _width), _standardized.Array);
        Bind(Padded(rows));
        using (_adapted.Use())
        {
            _learner.Score(_inputs, _outputs);
        }

        GC.KeepAlive(this);
    }

    /// <summary>Frees the native tensors at once; without it they go with this object.</summary>
    public void Dispose()
    {
        if (_boundRows == 0)
        {
            return;
        }

        _boundRows = 0;
        _inputs[0].Dispose();
        foreach (var output in _outputs)
        {
            output.Dispose();
        }
    }

    /// <summary>Native tensors over the buffers have a fixed shape: only the last, shorter batch needs new ones.</summary>
    private void Bind(int rows)
    {
        if (rows == _boundRows)
        {
            return;
        }

        Dispose();
        _inputs[0] = _standardized.View(rows, _width);
        for (var output = 0; output < _outputs.Length; output++)
        {
            _outputs[output] = _results[output].View(rows, _rawWidth);
        }

        _boundRows = rows;
    }

    private static int Padded(int rows) => (rows + RowsTogether - 1) / RowsTogether * RowsTogether;
}
